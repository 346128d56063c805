/** Calls to the servers of one etcd cluster; when one cannot be reached the next call goes to another. */
import { readFileSync } from 'node:fs'
import {
  credentials,
  loadPackageDefinition,
  status,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientReadableStream,
  type GrpcObject,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'
import type { Clock } from '../../lib/clock.ts'
import { StoreError } from '../store.ts'
import {
  etcdProtocol,
  type RangeRequest,
  type RangeResponse,
  type ResponseHeader,
  type TxnRequest,
  type TxnResponse,
  type WatchRequest,
  type WatchResponse,
} from './messages.ts'

export interface EtcdServers {
  /** `http://host:port` or `https://host:port`. */
  readonly endpoints: readonly string[]
  /** PEM files, for https. */
  readonly caFile?: string | undefined
  readonly certificateFile?: string | undefined
  readonly keyFile?: string | undefined
}

const callTimeoutMs = 10_000
/** Lists and watches of a large cluster come in large messages; our own requests stay small. */
const unlimited = -1

type Unary<I, O> = (
  input: I,
  options: { readonly deadline: number },
  done: (error: ServiceError | null, output: O) => void,
) => void

interface Services {
  readonly kv: {
    Range: Unary<RangeRequest, RangeResponse>
    Txn: Unary<TxnRequest, TxnResponse>
    DeleteRange: Unary<
      { readonly key: Uint8Array; readonly range_end: Uint8Array },
      { readonly header: ResponseHeader }
    >
    Compact: Unary<{ readonly revision: number }, { readonly header: ResponseHeader }>
  }
  readonly watch: { Watch(): ClientDuplexStream<WatchRequest, WatchResponse> }
  readonly maintenance: { Snapshot(input: object): ClientReadableStream<{ readonly blob: Buffer }> }
  close(): void
}

export class EtcdClient {
  private readonly servers: readonly Services[]
  private readonly endpoints: readonly string[]
  private readonly clock: Pick<Clock, 'now'>
  private at = 0

  constructor(options: EtcdServers, clock: Pick<Clock, 'now'>) {
    this.clock = clock
    this.endpoints = options.endpoints
    if (options.endpoints.length === 0) throw new StoreError('Unavailable', 'no etcd server is named')
    this.servers = options.endpoints.map((endpoint) => connect(endpoint, options))
  }

  range(request: RangeRequest): Promise<RangeResponse> {
    return this.call((server, deadline, done) => server.kv.Range(request, { deadline }, done))
  }

  txn(request: TxnRequest): Promise<TxnResponse> {
    return this.call((server, deadline, done) => server.kv.Txn(request, { deadline }, done))
  }

  async deleteRange(request: { readonly key: Uint8Array; readonly range_end: Uint8Array }): Promise<void> {
    await this.call<{ readonly header: ResponseHeader }>((server, deadline, done) =>
      server.kv.DeleteRange(request, { deadline }, done),
    )
  }

  async compact(revision: number): Promise<void> {
    await this.call<{ readonly header: ResponseHeader }>((server, deadline, done) =>
      server.kv.Compact({ revision }, { deadline }, done),
    )
  }

  watch(): ClientDuplexStream<WatchRequest, WatchResponse> {
    return this.server().watch.Watch()
  }

  snapshot(): ClientReadableStream<{ readonly blob: Buffer }> {
    return this.server().maintenance.Snapshot({})
  }

  /** What the next calls do not ask again for now. */
  avoidServer(): void {
    this.at = (this.at + 1) % this.servers.length
  }

  close(): void {
    for (const server of this.servers) server.close()
  }

  private server(): Services {
    const server = this.servers[this.at]
    if (server === undefined) throw new StoreError('Closed', 'the store is closed')
    return server
  }

  private call<O>(
    run: (server: Services, deadline: number, done: (error: ServiceError | null, output: O) => void) => void,
  ): Promise<O> {
    const { at } = this
    return new Promise((resolve, reject) => {
      const deadline = this.clock.now() + callTimeoutMs
      run(this.server(), deadline, (error, output) => {
        if (error === null) return resolve(output)
        if (isUnreachable(error) && at === this.at) this.avoidServer()
        reject(etcdError(error, this.endpoints))
      })
    })
  }
}

const isUnreachable = ({ code }: ServiceError): boolean =>
  code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED

/** The store's word for what etcd answered. `Compacted` is left to the caller, who knows which revision was asked for. */
function etcdError(error: ServiceError, endpoints: readonly string[]): StoreError {
  const where = `etcd at ${endpoints.join(', ')}`
  if (error.code === status.OUT_OF_RANGE) return new StoreError('Compacted', error.details, { cause: error })
  if (error.code === status.RESOURCE_EXHAUSTED)
    return new StoreError('Unavailable', `${where} takes no more: ${error.details}`, { cause: error })
  if (error.code === status.CANCELLED) return new StoreError('Closed', 'the store is closed', { cause: error })
  return new StoreError('Unavailable', `${where} does not answer: ${error.details}`, { cause: error })
}

const definition = loadPackageDefinition(
  fromJSON(etcdProtocol as Parameters<typeof fromJSON>[0], {
    longs: Number,
    enums: String,
    defaults: true,
    keepCase: true,
  }),
)

function connect(endpoint: string, options: EtcdServers): Services {
  const url = new URL(endpoint)
  const secure = credentialsFor(url, options)
  const open = <T>(name: string): T & { close(): void } => {
    const Service = (definition['etcdserverpb'] as GrpcObject)[name] as ServiceClientConstructor
    const limits = { 'grpc.max_receive_message_length': unlimited, 'grpc.max_send_message_length': unlimited }
    return new Service(url.host, secure, limits) as unknown as T & { close(): void }
  }
  const kv = open<Services['kv']>('KV')
  const watch = open<Services['watch']>('Watch')
  const maintenance = open<Services['maintenance']>('Maintenance')
  return {
    ...{ kv, watch, maintenance },
    close() {
      for (const service of [kv, watch, maintenance]) service.close()
    },
  }
}

function credentialsFor(url: URL, { caFile, certificateFile, keyFile }: EtcdServers): ChannelCredentials {
  if (url.protocol === 'http:') return credentials.createInsecure()
  if (url.protocol !== 'https:')
    throw new StoreError('Unavailable', `${url.href} is no address of etcd: use http or https`)
  const read = (file: string | undefined): Buffer | null => (file === undefined ? null : readPem(file))
  return credentials.createSsl(read(caFile), read(keyFile), read(certificateFile))
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new StoreError('Unavailable', `${file} for the connection to etcd cannot be read`, { cause: error })
  }
}
