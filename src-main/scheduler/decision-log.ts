import type { Decision } from './decision.ts'
import type { Bypass } from './outside-rules.ts'
import type { Candidate } from './preemption/victims.ts'
import type { Resources } from './resources.ts'

/** What preemption came to: who would have gone where, and what was chosen; or why nothing was. */
export interface PreemptionRecord {
  readonly message: string
  readonly candidates: readonly Candidate[]
  readonly chosen: string | undefined
}

export interface RecordedDecision extends Decision {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly profile: string
  /** Unix milliseconds. */
  readonly timeMs: number
  /** How often the pod was tried before. */
  readonly attempts: number
  /** What the pod asks for. */
  readonly requests: Resources
  readonly priority: number
  /** The predicates in their order. */
  readonly predicates: readonly string[]
  readonly bypassed: readonly Bypass[]
  readonly preemption: PreemptionRecord | undefined
  /** What the pod's event says. */
  readonly message: string
}

/** Verdicts and scores that are kept in all, whatever the size of the cluster. */
const cellsLimit = 500_000

/** The newest decision for each pod, by its name; the oldest go when there is no more room. */
export class DecisionLog {
  private readonly decisions = new Map<string, RecordedDecision>()
  private cells = 0

  record(decision: RecordedDecision): void {
    const key = `${decision.namespace}/${decision.name}`
    this.drop(key)
    this.decisions.set(key, decision)
    this.cells += cellsOf(decision)
    for (const oldest of this.decisions.keys()) {
      if (this.cells <= cellsLimit || this.decisions.size === 1) break
      this.drop(oldest)
    }
  }

  of(namespace: string, name: string): RecordedDecision | undefined {
    return this.decisions.get(`${namespace}/${name}`)
  }

  /** Oldest first. */
  all(namespace?: string): RecordedDecision[] {
    const all = [...this.decisions.values()]
    return namespace === undefined ? all : all.filter((decision) => decision.namespace === namespace)
  }

  private drop(key: string): void {
    const known = this.decisions.get(key)
    if (known === undefined) return
    this.cells -= cellsOf(known)
    this.decisions.delete(key)
  }
}

const cellsOf = ({ refusals, feasible, scores, preemption }: RecordedDecision): number =>
  1 + refusals.length + feasible.length * (1 + 2 * scores.length) + 5 * (preemption?.candidates.length ?? 0)
