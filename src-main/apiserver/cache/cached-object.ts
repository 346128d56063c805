/** One version of a stored object: its bytes, encoded once and shared, and what they decode to. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { StoredObject } from '../request.ts'

/**
 * The bytes that the store keeps: JSON that begins with kind, apiVersion and metadata and carries no resourceVersion,
 * for that is the store's own revision and is spliced in on the way out.
 */
export function encodeForStore(object: DynamicObject): Uint8Array {
  const { kind, apiVersion, metadata, ...rest } = object
  const { resourceVersion: _resourceVersion, ...meta } = metadata ?? {}
  return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: meta, ...rest }))
}

const metadataStart = Buffer.from('"metadata":{')

function spliceRevision(raw: Uint8Array, revision: number): Uint8Array {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const at = bytes.indexOf(metadataStart) + metadataStart.length
  const comma = bytes[at] === 0x7d ? '' : ','
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(`"resourceVersion":"${revision}"${comma}`),
    bytes.subarray(at),
  ])
}

/** The bytes of `spliceRevision` under another revision. */
function replaceRevision(encoded: Uint8Array, from: number, to: number): Uint8Array {
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  const at = bytes.indexOf(metadataStart) + metadataStart.length
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(`"resourceVersion":"${to}"`),
    bytes.subarray(at + `"resourceVersion":"${from}"`.length),
  ])
}

const decoder = new TextDecoder()

/**
 * `kept`: what the bytes decode to stays as long as the object does. `collectable`: it stays as long as somebody else
 * holds it or the garbage collector lets it, for kinds with so many objects that bytes and trees together are too much.
 */
export type Retention = 'kept' | 'collectable'

export class CachedObject implements StoredObject {
  readonly key: string
  readonly revision: number
  private readonly retention: Retention
  /** Whether the bytes are the store's, with the revision where `spliceRevision` puts it. */
  private readonly spliced: boolean
  private encoded: Uint8Array | undefined
  private decoded: DynamicObject | WeakRef<DynamicObject> | undefined
  private protobuf: Uint8Array | undefined

  private constructor(key: string, revision: number, encoded: Uint8Array | undefined, retention: Retention) {
    this.key = key
    this.revision = revision
    this.encoded = encoded
    this.spliced = encoded !== undefined
    this.retention = retention
  }

  /** From the store's bytes; `known` is what they decode to, when that is at hand. It is taken over, not copied. */
  static fromStore(
    key: string,
    revision: number,
    raw: Uint8Array,
    known?: DynamicObject,
    retention: Retention = 'kept',
  ): CachedObject {
    const stored = new CachedObject(key, revision, spliceRevision(raw, revision), retention)
    if (known !== undefined) stored.keep(withRevision(known, revision))
    return stored
  }

  /** An object that no store holds: a bookmark, a preview of a dry run, another version's view. */
  static fromObject(key: string, revision: number, object: DynamicObject): CachedObject {
    const made = new CachedObject(key, revision, undefined, 'kept')
    made.keep(object)
    return made
  }

  get object(): DynamicObject {
    const known = this.known()
    if (known !== undefined) return known
    const object = this.decode()
    this.keep(object)
    return object
  }

  /** As `object`, for a look in passing: what had to be decoded for it is not kept. */
  peek(): DynamicObject {
    return this.known() ?? this.decode()
  }

  bytes(): Uint8Array {
    this.encoded ??= Buffer.from(JSON.stringify(this.object))
    return this.encoded
  }

  /** The object's protobuf message, made by `encode` on first use and kept. */
  protobufBytes(encode: (object: DynamicObject) => Uint8Array): Uint8Array {
    this.protobuf ??= encode(this.peek())
    return this.protobuf
  }

  /** The same content under another revision: what watchers see of an object that is gone. */
  at(revision: number): CachedObject {
    if (!this.spliced) return CachedObject.fromObject(this.key, revision, withRevision(this.object, revision))
    const encoded = replaceRevision(this.bytes(), this.revision, revision)
    const later = new CachedObject(this.key, revision, encoded, this.retention)
    const known = this.known()
    if (known !== undefined) later.keep(withRevision(known, revision))
    return later
  }

  private known(): DynamicObject | undefined {
    return this.decoded instanceof WeakRef ? this.decoded.deref() : this.decoded
  }

  private keep(object: DynamicObject): void {
    this.decoded = this.retention === 'kept' ? object : new WeakRef(object)
  }

  private decode(): DynamicObject {
    return JSON.parse(decoder.decode(this.encoded)) as DynamicObject
  }
}

function withRevision(object: DynamicObject, revision: number): DynamicObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}
