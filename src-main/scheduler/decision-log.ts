import type { Decision } from './decision.ts'

export interface RecordedDecision extends Decision {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Unix milliseconds. */
  readonly timeMs: number
}

/** Verdicts and scores that are kept in all, whatever the size of the cluster. */
const cellsLimit = 500_000

/** The newest decision for each pod; the oldest go when there is no more room. */
export class DecisionLog {
  private readonly decisions = new Map<string, RecordedDecision>()
  private cells = 0

  record(decision: RecordedDecision): void {
    this.drop(decision.uid)
    this.decisions.set(decision.uid, decision)
    this.cells += cellsOf(decision)
    for (const uid of this.decisions.keys()) {
      if (this.cells <= cellsLimit || this.decisions.size === 1) break
      this.drop(uid)
    }
  }

  of(uid: string): RecordedDecision | undefined {
    return this.decisions.get(uid)
  }

  /** Oldest first. */
  all(): RecordedDecision[] {
    return [...this.decisions.values()]
  }

  private drop(uid: string): void {
    const known = this.decisions.get(uid)
    if (known === undefined) return
    this.cells -= cellsOf(known)
    this.decisions.delete(uid)
  }
}

const cellsOf = ({ refusals, feasible, scores }: Decision): number =>
  1 + refusals.length + feasible.length * (1 + 2 * scores.length)
