/** One version of a stored object: decoded on first use, encoded on first use, both kept and shared. */
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

const decoder = new TextDecoder()

export class CachedObject implements StoredObject {
  readonly key: string
  readonly revision: number
  private raw: Uint8Array | undefined
  private encoded: Uint8Array | undefined
  private decoded: DynamicObject | undefined

  private constructor(key: string, revision: number, raw: Uint8Array | undefined, decoded: DynamicObject | undefined) {
    this.key = key
    this.revision = revision
    this.raw = raw
    this.decoded = decoded
  }

  /** From the store's bytes; `known` is what they decode to, when that is at hand. It is taken over, not copied. */
  static fromStore(key: string, revision: number, raw: Uint8Array, known?: DynamicObject): CachedObject {
    return new CachedObject(key, revision, raw, known === undefined ? undefined : withRevision(known, revision))
  }

  /** An object that no store holds: a bookmark, a preview of a dry run, another version's view. */
  static fromObject(key: string, revision: number, object: DynamicObject): CachedObject {
    return new CachedObject(key, revision, undefined, object)
  }

  get object(): DynamicObject {
    this.decoded ??=
      this.encoded !== undefined
        ? (JSON.parse(decoder.decode(this.encoded)) as DynamicObject)
        : withRevision(JSON.parse(decoder.decode(this.raw)) as DynamicObject, this.revision)
    return this.decoded
  }

  bytes(): Uint8Array {
    if (this.encoded === undefined) {
      this.encoded =
        this.raw === undefined ? Buffer.from(JSON.stringify(this.decoded)) : spliceRevision(this.raw, this.revision)
      this.raw = undefined
    }
    return this.encoded
  }

  /** The same content under another revision: what watchers see of an object that is gone. */
  at(revision: number): CachedObject {
    return this.raw === undefined
      ? new CachedObject(this.key, revision, undefined, withRevision(this.object, revision))
      : new CachedObject(this.key, revision, this.raw, this.decoded && withRevision(this.decoded, revision))
  }
}

function withRevision(object: DynamicObject, revision: number): DynamicObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}
