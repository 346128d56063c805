/** Where the objects of one resource lie that have a certain value in a label, or in a field that many narrow by. */
import type { Pace } from '../pace.ts'
import type { CachedObject } from './cached-object.ts'
import type { Term } from './selection.ts'
import { ValueIndex } from './value-index.ts'
import type { FieldReaders } from './watcher-index.ts'

type Labels = Readonly<Record<string, string>>

const noLabels: Labels = {}
const labelsOf = (object: object): Labels => (object as { metadata?: { labels?: Labels } }).metadata?.labels ?? noLabels

export class ObjectIndex {
  private readonly readers: ReadonlyMap<string, (object: object) => string>
  private readonly fields = new Map<string, ValueIndex>()
  private readonly labels = new Map<string, ValueIndex>()
  /** Undefined: nobody has asked for it. */
  private building: Promise<void> | undefined
  private complete = false

  constructor(fields: FieldReaders) {
    this.readers = new Map(Object.entries(fields))
    for (const field of this.readers.keys()) this.fields.set(field, new ValueIndex())
  }

  get ready(): boolean {
    return this.complete
  }

  /**
   * Takes in everything that is there, a few objects at a time; what changes meanwhile is taken in as it changes.
   * `current` tells what lies under a key now.
   */
  build(
    everything: readonly CachedObject[],
    current: (key: string) => CachedObject | undefined,
    pace: Pace,
  ): Promise<void> | undefined {
    if (this.complete) return undefined
    this.building ??= this.takeIn(everything, current, pace)
    return this.building
  }

  update(key: string, previous: CachedObject | undefined, next: CachedObject | undefined): void {
    if (this.building === undefined) return
    const before = previous?.peek()
    const after = next?.peek()
    for (const [field, read] of this.readers) {
      const index = this.fields.get(field)
      if (before !== undefined) index?.delete(read(before), key)
      if (after !== undefined) index?.add(read(after), key)
    }
    const old = before === undefined ? noLabels : labelsOf(before)
    const wanted = after === undefined ? noLabels : labelsOf(after)
    for (const label of Object.keys(old)) if (old[label] !== wanted[label]) this.dropLabel(label, old[label] ?? '', key)
    // Also what is the same as before: while the index is being built, the old object may not have been taken in.
    for (const label of Object.keys(wanted)) this.addLabel(label, wanted[label] ?? '', key)
  }

  /** How many objects meet the term; undefined when this index knows nothing of it. */
  count(term: Term): number | undefined {
    const index = this.indexOf(term)
    if (index === undefined) return term.type === 'label' ? 0 : undefined
    return term.values.reduce((sum, value) => sum + index.count(value), 0)
  }

  has(term: Term, key: string): boolean {
    const index = this.indexOf(term)
    return index !== undefined && term.values.some((value) => index.has(value, key))
  }

  /** In no order. */
  keys(term: Term): string[] {
    const index = this.indexOf(term)
    return index === undefined ? [] : term.values.flatMap((value) => index.keys(value))
  }

  private async takeIn(
    everything: readonly CachedObject[],
    current: (key: string) => CachedObject | undefined,
    pace: Pace,
  ): Promise<void> {
    for (const stored of everything) {
      const { key } = stored
      if (current(key) === stored) this.add(key, stored.peek())
      const rest = pace.rest()
      if (rest !== undefined) await rest
    }
    this.complete = true
  }

  private add(key: string, object: object): void {
    for (const [field, read] of this.readers) this.fields.get(field)?.add(read(object), key)
    const labels = labelsOf(object)
    for (const label of Object.keys(labels)) this.addLabel(label, labels[label] ?? '', key)
  }

  private addLabel(label: string, value: string, key: string): void {
    const known = this.labels.get(label)
    const index = known ?? new ValueIndex()
    if (known === undefined) this.labels.set(label, index)
    index.add(value, key)
  }

  private dropLabel(label: string, value: string, key: string): void {
    const index = this.labels.get(label)
    index?.delete(value, key)
    if (index?.empty === true) this.labels.delete(label)
  }

  private indexOf({ type, name }: Term): ValueIndex | undefined {
    return type === 'field' ? this.fields.get(name) : this.labels.get(name)
  }
}
