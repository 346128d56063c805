/** A transport to a server that holds one collection, remembers its history and fails on demand. */
import { expired, notFound, StatusError } from '../../src-main/api/errors.ts'
import { keyOf, type KubernetesObject } from '../../src-main/api/meta/object.ts'
import { BoundedQueue } from '../../src-main/lib/bounded-queue.ts'
import type { ApiRequest, RawWatchEvent, Transport } from '../../src-main/client/client.ts'

interface Happened {
  readonly revision: number
  readonly event: RawWatchEvent
}

export class FakeCollection implements Transport {
  readonly requests: ApiRequest[] = []
  /** Thrown by the next requests, one each. */
  readonly failures: Error[] = []
  private readonly objects = new Map<string, KubernetesObject>()
  private history: Happened[] = []
  private readonly watches = new Set<BoundedQueue<RawWatchEvent>>()
  private revision = 100
  private forgotten = 0

  /** Creates or replaces; every field but the resource version is the caller's. */
  put(name: string, fields: KubernetesObject & Record<string, unknown> = {}, namespace = 'default'): KubernetesObject {
    const key = keyOf({ metadata: { name, namespace } })
    const resourceVersion = String(++this.revision)
    const uid = this.objects.get(key)?.metadata?.uid ?? `uid-${this.revision}`
    const metadata = {
      uid,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...fields.metadata,
      name,
      namespace,
      resourceVersion,
    }
    const object = { ...fields, metadata }
    this.happen(this.objects.has(key) ? 'MODIFIED' : 'ADDED', object)
    this.objects.set(key, object)
    return object
  }

  remove(name: string, namespace = 'default'): void {
    const key = keyOf({ metadata: { name, namespace } })
    const object = this.objects.get(key)
    if (object === undefined) throw new Error(`${key} is not there`)
    this.objects.delete(key)
    this.happen('DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.revision) } })
  }

  bookmark(): void {
    const object = { metadata: { resourceVersion: String(++this.revision) } }
    for (const watch of this.watches) watch.push({ type: 'BOOKMARK', object })
  }

  /** Ends all watches, with an error or as if the server had closed them. */
  endWatches(error?: Error): void {
    for (const watch of this.watches) watch.close(error)
    this.watches.clear()
  }

  /** From now on, watches from before this moment are answered with `Expired`. */
  forgetHistory(): void {
    this.history = []
    this.forgotten = this.revision
  }

  async request(request: ApiRequest): Promise<unknown> {
    this.note(request)
    if (request.method !== 'GET') throw notFound({ group: '', plural: 'anything' }, request.path)
    const { limit = '1000', continue: from = '0' } = request.query ?? {}
    const all = [...this.objects.values()]
    const end = Number(from) + Number(limit)
    return {
      metadata: {
        resourceVersion: String(this.revision),
        ...(end < all.length ? { continue: String(end) } : {}),
      },
      items: all.slice(Number(from), end),
    }
  }

  async *watch(request: ApiRequest): AsyncGenerator<RawWatchEvent> {
    this.note(request)
    const after = Number(request.query?.['resourceVersion'])
    if (after < this.forgotten) throw expired(`too old resource version: ${after}`)
    const queue = new BoundedQueue<RawWatchEvent>(1000)
    for (const { revision, event } of this.history) if (revision > after) queue.push(event)
    this.watches.add(queue)
    request.signal?.addEventListener('abort', () => queue.close())
    yield* queue
  }

  get watchCount(): number {
    return this.watches.size
  }

  private note(request: ApiRequest): void {
    this.requests.push(request)
    const failure = this.failures.shift()
    if (failure !== undefined) throw failure
  }

  private happen(type: RawWatchEvent['type'], object: KubernetesObject): void {
    const event = { type, object }
    this.history.push({ revision: this.revision, event })
    for (const watch of this.watches) watch.push(event)
  }
}

export const unreachable = (): StatusError => new StatusError(503, 'ServiceUnavailable', 'the server is away')
