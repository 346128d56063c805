/** The part of etcd's v3 protocol that the store speaks: message types with their numbers, and their TypeScript shapes. */

export interface ResponseHeader {
  readonly revision: number
}

export interface KeyValue {
  readonly key: Buffer
  readonly create_revision: number
  readonly mod_revision: number
  readonly value: Buffer
}

export interface RangeRequest {
  readonly key: Uint8Array
  readonly range_end?: Uint8Array
  readonly limit?: number
  /** 0: now. */
  readonly revision?: number
}

export interface RangeResponse {
  readonly header: ResponseHeader
  readonly kvs: readonly KeyValue[]
  readonly more: boolean
}

export interface Compare {
  readonly result: 'EQUAL'
  readonly target: 'MOD'
  readonly key: Uint8Array
  readonly mod_revision: number
}

export type RequestOp =
  | { readonly request_range: RangeRequest }
  | { readonly request_put: { readonly key: Uint8Array; readonly value: Uint8Array } }
  | { readonly request_delete_range: { readonly key: Uint8Array } }

export interface TxnRequest {
  readonly compare: readonly Compare[]
  readonly success: readonly RequestOp[]
  readonly failure: readonly RequestOp[]
}

export interface TxnResponse {
  readonly header: ResponseHeader
  readonly succeeded: boolean
  readonly responses: readonly { readonly response_range?: RangeResponse }[]
}

export interface EtcdEvent {
  readonly type: 'PUT' | 'DELETE'
  readonly kv: KeyValue
  readonly prev_kv?: KeyValue | null
}

export type WatchRequest =
  | {
      readonly create_request: {
        readonly key: Uint8Array
        readonly range_end: Uint8Array
        readonly start_revision: number
        readonly prev_kv: boolean
      }
    }
  | { readonly progress_request: Record<string, never> }

export interface WatchResponse {
  readonly header: ResponseHeader
  readonly created: boolean
  readonly canceled: boolean
  /** Not 0: the watch wanted what is forgotten; this is the oldest revision that is kept. */
  readonly compact_revision: number
  readonly cancel_reason: string
  readonly events: readonly EtcdEvent[]
}

type Field = readonly [type: string, number: number, rule?: 'repeated']

const message = (
  fields: Record<string, Field>,
  oneof?: readonly string[],
): { fields: Record<string, object>; oneofs?: Record<string, object> } => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [type, id, rule]]) => [name, { type, id, ...(rule && { rule }) }]),
  ),
  ...(oneof && { oneofs: { choice: { oneof } } }),
})

const header: Field = ['ResponseHeader', 1]
const rpc = (requestType: string, responseType: string, streams: object = {}): object => ({
  ...{ requestType, responseType, ...streams },
})

/** As protobufjs reads it. */
export const etcdProtocol = {
  nested: {
    mvccpb: {
      nested: {
        KeyValue: message({
          key: ['bytes', 1],
          create_revision: ['int64', 2],
          mod_revision: ['int64', 3],
          version: ['int64', 4],
          value: ['bytes', 5],
          lease: ['int64', 6],
        }),
        Event: {
          ...message({ type: ['EventType', 1], kv: ['KeyValue', 2], prev_kv: ['KeyValue', 3] }),
          nested: { EventType: { values: { PUT: 0, DELETE: 1 } } },
        },
      },
    },
    etcdserverpb: {
      nested: {
        ResponseHeader: message({
          cluster_id: ['uint64', 1],
          member_id: ['uint64', 2],
          revision: ['int64', 3],
          raft_term: ['uint64', 4],
        }),
        RangeRequest: message({
          key: ['bytes', 1],
          range_end: ['bytes', 2],
          limit: ['int64', 3],
          revision: ['int64', 4],
        }),
        RangeResponse: message({
          header,
          kvs: ['mvccpb.KeyValue', 2, 'repeated'],
          more: ['bool', 3],
          count: ['int64', 4],
        }),
        PutRequest: message({ key: ['bytes', 1], value: ['bytes', 2] }),
        PutResponse: message({ header }),
        DeleteRangeRequest: message({ key: ['bytes', 1], range_end: ['bytes', 2] }),
        DeleteRangeResponse: message({ header, deleted: ['int64', 2] }),
        RequestOp: message(
          {
            request_range: ['RangeRequest', 1],
            request_put: ['PutRequest', 2],
            request_delete_range: ['DeleteRangeRequest', 3],
          },
          ['request_range', 'request_put', 'request_delete_range'],
        ),
        ResponseOp: message(
          {
            response_range: ['RangeResponse', 1],
            response_put: ['PutResponse', 2],
            response_delete_range: ['DeleteRangeResponse', 3],
          },
          ['response_range', 'response_put', 'response_delete_range'],
        ),
        Compare: {
          ...message({
            result: ['CompareResult', 1],
            target: ['CompareTarget', 2],
            key: ['bytes', 3],
            mod_revision: ['int64', 6],
          }),
          nested: {
            CompareResult: { values: { EQUAL: 0, GREATER: 1, LESS: 2, NOT_EQUAL: 3 } },
            CompareTarget: { values: { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3, LEASE: 4 } },
          },
        },
        TxnRequest: message({
          compare: ['Compare', 1, 'repeated'],
          success: ['RequestOp', 2, 'repeated'],
          failure: ['RequestOp', 3, 'repeated'],
        }),
        TxnResponse: message({ header, succeeded: ['bool', 2], responses: ['ResponseOp', 3, 'repeated'] }),
        CompactionRequest: message({ revision: ['int64', 1], physical: ['bool', 2] }),
        CompactionResponse: message({ header }),
        WatchCreateRequest: message({
          key: ['bytes', 1],
          range_end: ['bytes', 2],
          start_revision: ['int64', 3],
          prev_kv: ['bool', 6],
        }),
        WatchProgressRequest: message({}),
        WatchRequest: message(
          { create_request: ['WatchCreateRequest', 1], progress_request: ['WatchProgressRequest', 3] },
          ['create_request', 'progress_request'],
        ),
        WatchResponse: message({
          header,
          watch_id: ['int64', 2],
          created: ['bool', 3],
          canceled: ['bool', 4],
          compact_revision: ['int64', 5],
          cancel_reason: ['string', 6],
          events: ['mvccpb.Event', 11, 'repeated'],
        }),
        SnapshotRequest: message({}),
        SnapshotResponse: message({ header, remaining_bytes: ['uint64', 2], blob: ['bytes', 3] }),
        KV: {
          methods: {
            Range: rpc('RangeRequest', 'RangeResponse'),
            Txn: rpc('TxnRequest', 'TxnResponse'),
            DeleteRange: rpc('DeleteRangeRequest', 'DeleteRangeResponse'),
            Compact: rpc('CompactionRequest', 'CompactionResponse'),
          },
        },
        Watch: {
          methods: { Watch: rpc('WatchRequest', 'WatchResponse', { requestStream: true, responseStream: true }) },
        },
        Maintenance: {
          methods: { Snapshot: rpc('SnapshotRequest', 'SnapshotResponse', { responseStream: true }) },
        },
      },
    },
  },
}
