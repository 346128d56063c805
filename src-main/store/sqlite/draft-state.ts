import type { Entry } from '../store.ts'

/** The state that a draft stands on. */
export interface BaseState {
  readonly revision: number
  /** The id of the key's current row. */
  placeOf(key: string): number | undefined
  entryOf(key: string): Entry | undefined
}

interface Move {
  readonly key: string
  readonly id: number | undefined
  readonly entry: Entry | undefined
}

interface Mark {
  readonly moves: number
  readonly revision: number
}

/** What commits have changed that are written, but that nobody may read yet. */
export class DraftState {
  private readonly moves: Move[] = []
  private readonly newest = new Map<string, Move>()
  private readonly base: BaseState
  /** The newest revision that is written. */
  revision: number

  constructor(base: BaseState) {
    this.base = base
    this.revision = base.revision
  }

  place(key: string): number | undefined {
    const move = this.newest.get(key)
    return move === undefined ? this.base.placeOf(key) : move.id
  }

  entry(key: string): Entry | undefined {
    const move = this.newest.get(key)
    return move === undefined ? this.base.entryOf(key) : move.entry
  }

  /** No id: the key goes. */
  move(key: string, id: number | undefined, entry: Entry | undefined): void {
    const move = { key, id, entry }
    this.moves.push(move)
    this.newest.set(key, move)
  }

  /** A point to go back to. */
  mark(): Mark {
    return { moves: this.moves.length, revision: this.revision }
  }

  rollback({ moves, revision }: Mark): void {
    this.moves.length = moves
    this.revision = revision
    this.newest.clear()
    for (const move of this.moves) this.newest.set(move.key, move)
  }

  /** The moves in their order. */
  each(take: (key: string, id: number | undefined) => void): void {
    for (const { key, id } of this.moves) take(key, id)
  }
}
