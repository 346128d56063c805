/** Turns a commit into one transaction of etcd, and its refusal into the store's words. */
import { StoreError, type Cause, type Entry, type Operation } from '../store.ts'
import { conflict } from '../store-errors.ts'
import type { EtcdClient } from './etcd-client.ts'
import { encodeCause, type Layout } from './layout.ts'
import type { Compare, RequestOp, TxnRequest, TxnResponse } from './messages.ts'

/** How often a delete that expects nothing may lose against other writers of its key. */
const tries = 32

type Expecting = Operation & { readonly expected: number }

/** The revision of the commit; undefined when it changes nothing. Rejects with `Conflict`. */
export async function write(
  client: EtcdClient,
  layout: Layout,
  operations: readonly Operation[],
  cause: Cause | undefined,
): Promise<number | undefined> {
  // A delete of a key that is not there must make no revision, so that it has to be known whether it is there.
  const blind = new Set(operations.filter(({ type, expected }) => type === 'delete' && expected === undefined))
  for (let left = tries; ; left--) {
    const present = blind.size === 0 ? undefined : await presentRevisions(client, layout, [...blind])
    const resolved = operations.map((operation) =>
      blind.has(operation) ? { ...operation, expected: present?.get(operation.key) ?? 0 } : operation,
    )
    const response = await client.txn(transaction(layout, resolved, cause))
    if (response.succeeded) return changes(resolved) ? response.header.revision - layout.base : undefined
    const { place, error } = firstConflict(layout, resolved.filter(isExpecting), response)
    const failed = resolved.filter(isExpecting)[place]
    const original = operations[resolved.findIndex((operation) => operation === failed)]
    if (original === undefined || !blind.has(original) || left === 0) throw error
  }
}

const isExpecting = (operation: Operation): operation is Expecting => operation.expected !== undefined

/** Deletes of what is not there are left: they only check. */
const writes = ({ type, expected }: Operation): boolean => type === 'put' || expected !== 0
const changes = (operations: readonly Operation[]): boolean => operations.some(writes)

function transaction(layout: Layout, operations: readonly Operation[], cause: Cause | undefined): TxnRequest {
  const expecting = operations.filter(isExpecting)
  const success = operations.filter(writes).map((operation): RequestOp => {
    const key = layout.key(operation.key)
    return operation.type === 'put'
      ? { request_put: { key, value: operation.value } }
      : { request_delete_range: { key } }
  })
  const why: RequestOp = { request_put: { key: layout.causeKey, value: encodeCause(cause) } }
  return {
    compare: expecting.map(({ key, expected }): Compare => {
      const mod_revision = expected === 0 ? 0 : expected + layout.base
      return { result: 'EQUAL', target: 'MOD', key: layout.key(key), mod_revision }
    }),
    success: success.length === 0 ? [] : [...success, why],
    failure: expecting.map(({ key }) => ({ request_range: { key: layout.key(key) } })),
  }
}

async function presentRevisions(
  client: EtcdClient,
  layout: Layout,
  operations: readonly Operation[],
): Promise<Map<string, number>> {
  const success = operations.map(({ key }): RequestOp => ({ request_range: { key: layout.key(key) } }))
  const { responses } = await client.txn({ compare: [], success, failure: [] })
  return new Map(operations.map(({ key }, place) => [key, entryIn(layout, responses, place)?.modRevision ?? 0]))
}

function entryIn(layout: Layout, responses: TxnResponse['responses'], place: number): Entry | undefined {
  const [found] = responses[place]?.response_range?.kvs ?? []
  return found === undefined ? undefined : layout.entry(found)
}

function firstConflict(
  layout: Layout,
  expecting: readonly Expecting[],
  { responses }: TxnResponse,
): { place: number; error: StoreError } {
  const place = expecting.findIndex(
    ({ expected }, at) => expected !== (entryIn(layout, responses, at)?.modRevision ?? 0),
  )
  const failed = expecting[place]
  return failed === undefined
    ? { place, error: new StoreError('Unavailable', 'etcd refused a transaction without a reason') }
    : { place, error: conflict(failed.key, entryIn(layout, responses, place)) }
}
