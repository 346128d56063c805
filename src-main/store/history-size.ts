import type { StoreEvent } from './store.ts'

interface Mark {
  readonly revision: number
  /** Of all that was told up to here. */
  readonly bytes: number
}

/** What a row needs beside its key and value. */
const rowBytes = 100
/** How finely the bound is kept. */
const marksInBound = 64

/** Adds up how much history there is, so that a bound on it can be named as a revision. */
export class HistorySize {
  private readonly maximumBytes: number
  private marks: Mark[] = []
  private toldBytes = 0
  private forgottenBytes = 0

  constructor(maximumBytes: number) {
    this.maximumBytes = maximumBytes
  }

  /** Whole commits, in their order. */
  add(events: readonly StoreEvent[]): void {
    for (const { type, key, entry } of events)
      this.toldBytes += rowBytes + 2 * key.length + (type === 'put' ? entry.value.byteLength : 0)
    const revision = events.at(-1)?.revision
    const from = this.marks.at(-1)?.bytes ?? this.forgottenBytes
    if (revision !== undefined && this.toldBytes - from >= this.maximumBytes / marksInBound)
      this.marks.push({ revision, bytes: this.toldBytes })
  }

  /** All before this revision must go, so that no more than half the bound is left; undefined: there is room. */
  excess(): number | undefined {
    if (this.toldBytes - this.forgottenBytes <= this.maximumBytes) return undefined
    const keepFrom = this.toldBytes - this.maximumBytes / 2
    return (this.marks.find(({ bytes }) => bytes >= keepFrom) ?? this.marks.at(-1))?.revision
  }

  /** History before `revision` is gone. */
  forget(revision: number): void {
    this.forgottenBytes = this.marks.findLast((mark) => mark.revision <= revision)?.bytes ?? this.forgottenBytes
    this.marks = this.marks.filter((mark) => mark.revision > revision)
  }
}
