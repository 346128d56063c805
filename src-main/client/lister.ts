import { keyOf, type KubernetesObject, type Live } from '../api/meta/object.ts'

/** The values under which an index finds an object. */
export type IndexFunction<T> = (object: Live<T>) => readonly string[]
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean

/** Reads from an informer's cache. The objects are shared by all readers: treat them as frozen. */
export interface Lister<T> {
  readonly size: number
  /** `namespace` is ignored for cluster-scoped kinds: pass undefined. */
  get(namespace: string | undefined, name: string): Live<T> | undefined
  /** By `namespace/name`, the key of queues. */
  byKey(key: string): Live<T> | undefined
  list(namespace?: string, selector?: LabelMatcher): Live<T>[]
  /** Throws when no such index was added. */
  byIndex(index: string, value: string): Live<T>[]
}

class Index<T> {
  private readonly buckets = new Map<string, Map<string, Live<T>>>()
  private readonly valuesOf: IndexFunction<T>

  constructor(valuesOf: IndexFunction<T>) {
    this.valuesOf = valuesOf
  }

  add(key: string, object: Live<T>): void {
    for (const value of this.valuesOf(object)) {
      const bucket = this.buckets.get(value) ?? new Map<string, Live<T>>()
      this.buckets.set(value, bucket.set(key, object))
    }
  }

  remove(key: string, object: Live<T>): void {
    for (const value of this.valuesOf(object)) {
      const bucket = this.buckets.get(value)
      bucket?.delete(key)
      if (bucket?.size === 0) this.buckets.delete(value)
    }
  }

  find(value: string): Live<T>[] {
    return [...(this.buckets.get(value)?.values() ?? [])]
  }
}

/** An informer's cache: objects by key, and by every index. */
export class ObjectCache<T extends KubernetesObject> implements Lister<T> {
  private readonly objects = new Map<string, Live<T>>()
  private readonly byNamespace = new Index<T>((object) => [object.metadata.namespace ?? ''])
  private readonly indexes = new Map<string, Index<T>>()

  get size(): number {
    return this.objects.size
  }

  get(namespace: string | undefined, name: string): Live<T> | undefined {
    return this.objects.get(keyOf({ metadata: { name, ...(namespace === undefined ? {} : { namespace }) } }))
  }

  byKey(key: string): Live<T> | undefined {
    return this.objects.get(key)
  }

  list(namespace?: string, selector?: LabelMatcher): Live<T>[] {
    const objects = namespace === undefined ? [...this.objects.values()] : this.byNamespace.find(namespace)
    return selector === undefined ? objects : objects.filter((object) => selector(object.metadata.labels ?? {}))
  }

  byIndex(index: string, value: string): Live<T>[] {
    const found = this.indexes.get(index)
    if (found === undefined) throw new Error(`no index named ${index} on this cache`)
    return found.find(value)
  }

  keys(): string[] {
    return [...this.objects.keys()]
  }

  /** Adding an index of a known name again changes nothing: all users of a name mean the same function. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (this.indexes.has(name)) return
    const index = new Index(valuesOf)
    for (const [key, object] of this.objects) index.add(key, object)
    this.indexes.set(name, index)
  }

  /** Returns the object that stood there before. */
  set(object: Live<T>): Live<T> | undefined {
    const key = keyOf(object)
    const previous = this.delete(key)
    this.objects.set(key, object)
    for (const index of this.allIndexes()) index.add(key, object)
    return previous
  }

  /** Returns the object that was deleted. */
  delete(key: string): Live<T> | undefined {
    const previous = this.objects.get(key)
    if (previous === undefined) return undefined
    this.objects.delete(key)
    for (const index of this.allIndexes()) index.remove(key, previous)
    return previous
  }

  private allIndexes(): Index<T>[] {
    return [this.byNamespace, ...this.indexes.values()]
  }
}
