/**
 * Where a store lies in etcd, all below one root:
 * - `base`: written once; the store's revision 0 is the revision at which that happened.
 * - `cause`: written by every commit, so that its revision is the newest commit's, and its value that commit's cause.
 * - `k` and the text of a key: the store's own keys, in their order.
 */
import { endOfPrefix, keyOfText, textOfKey } from '../key-text.ts'
import { StoreError, type Cause, type Entry, type StoreEvent } from '../store.ts'
import type { EtcdEvent, KeyValue } from './messages.ts'

export class Layout {
  readonly root: string
  /** The etcd revision that is the store's 0; known once the store is open. */
  base = 0

  constructor(root: string) {
    this.root = root
  }

  get baseKey(): Buffer {
    return Buffer.from(`${this.root}/base`)
  }

  get causeKey(): Buffer {
    return Buffer.from(`${this.root}/cause`)
  }

  get everything(): { key: Buffer; range_end: Buffer } {
    return { key: Buffer.from(`${this.root}/`), range_end: Buffer.from(endOfPrefix(`${this.root}/`)) }
  }

  key(key: string): Buffer {
    return Buffer.from(`${this.root}/k${textOfKey(key)}`)
  }

  /** Keys that begin with `prefix` and are greater than `after`. */
  range(prefix: string, after: string): { key: Buffer; range_end: Buffer } {
    const [first, least] = [this.key(prefix), Buffer.concat([this.key(after), Buffer.of(0)])]
    return {
      key: after === '' || Buffer.compare(first, least) > 0 ? first : least,
      range_end: Buffer.from(endOfPrefix(`${this.root}/k${textOfKey(prefix)}`)),
    }
  }

  entry({ key, value, create_revision, mod_revision }: KeyValue): Entry {
    return {
      key: this.keyOf(key) ?? '',
      value: new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
      createRevision: create_revision - this.base,
      modRevision: mod_revision - this.base,
    }
  }

  /**
   * The store's events of whole etcd commits, in order. Throws `Compacted` when what stood there before an event was
   * forgotten since: etcd tells of the event all the same, and leaves that out.
   */
  events(events: readonly EtcdEvent[]): StoreEvent[] {
    const causes = new Map<number, Cause>()
    for (const { kv } of events)
      if (kv.value.length > 0 && kv.key.equals(this.causeKey))
        causes.set(kv.mod_revision, JSON.parse(kv.value.toString()) as Cause)
    return events
      .map((event) => this.event(event, causes.get(event.kv.mod_revision)))
      .filter((one) => one !== undefined)
  }

  private event({ type, kv, prev_kv }: EtcdEvent, cause: Cause | undefined): StoreEvent | undefined {
    const key = this.keyOf(kv.key)
    if (key === undefined) return undefined
    const previous = prev_kv === undefined || prev_kv === null ? undefined : this.entry(prev_kv)
    const revision = kv.mod_revision - this.base
    const base = { key, revision, ...(cause === undefined ? {} : { cause }) }
    if (previous === undefined && (type === 'DELETE' || kv.create_revision !== kv.mod_revision))
      throw new StoreError('Compacted', `what stood before revision ${revision} is forgotten`)
    if (type === 'PUT')
      return { type: 'put', ...base, entry: this.entry(kv), ...(previous === undefined ? {} : { previous }) }
    return previous && { type: 'delete', ...base, entry: previous }
  }

  /** The store's key; undefined for what the store keeps for itself. */
  private keyOf(key: Buffer): string | undefined {
    const text = key.toString()
    const start = `${this.root}/k`
    return text.startsWith(start) ? keyOfText(text.slice(start.length)) : undefined
  }
}

export const encodeCause = (cause: Cause | undefined): Buffer =>
  Buffer.from(cause === undefined ? '' : JSON.stringify(cause))
