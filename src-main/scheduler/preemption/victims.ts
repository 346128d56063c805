/** Which pods would have to go from a node so that a more important one fits. */
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { PodDisruptionBudget } from '../../api/types/policy-v1.ts'
import type { FilterRun, NamedRefusal } from '../filter-run.ts'
import { withoutPod, withPod, type NodeInfo } from '../node-info.ts'

export interface Candidate {
  readonly node: string
  /** The most important first. */
  readonly victims: readonly Live<Pod>[]
  /** How many of them a disruption budget would rather keep. */
  readonly violations: number
}

export const priorityOf = ({ spec }: Pod): number => spec?.priority ?? 0

/** The most important first, then those that have run longest. */
export const byImportance = (a: Live<Pod>, b: Live<Pod>): number =>
  priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b)

/** A pod that has not started counts as if it did so last. */
export function startOf({ status }: Pod): number {
  return status?.startTime === undefined ? Infinity : Date.parse(status.startTime)
}

export interface Budget {
  /** Of this state of it. */
  readonly id: string
  readonly namespace: string
  readonly matches: (pod: Live<Pod>) => boolean
  readonly allowed: number
}

export function budgetOf({ metadata, spec, status }: Live<PodDisruptionBudget>): Budget {
  const selector = labelSelectorFrom(spec?.selector)
  const disrupted = status?.disruptedPods ?? {}
  const isEmpty = selector.requirements.length === 0
  return {
    id: `${metadata.uid} ${metadata.resourceVersion}`,
    namespace: metadata.namespace ?? '',
    allowed: status?.disruptionsAllowed ?? 0,
    // A budget for nothing in particular protects nobody here, and what is on its way out is counted already.
    matches: ({ metadata: { name, labels = {} } }) =>
      !isEmpty && Object.keys(labels).length > 0 && !(name in disrupted) && selector.matches(labels),
  }
}

/** Splits pods by whether their going would break a budget; each that goes uses some of it up. */
export function splitByBudgets(
  pods: readonly Live<Pod>[],
  budgets: readonly Budget[],
): { violating: Live<Pod>[]; others: Live<Pod>[] } {
  const left = budgets.map(({ allowed }) => allowed)
  const violating: Live<Pod>[] = []
  const others: Live<Pod>[] = []
  for (const pod of pods) {
    let breaks = false
    budgets.forEach((budget, index) => {
      if (budget.namespace !== pod.metadata.namespace || !budget.matches(pod)) return
      left[index] = (left[index] ?? 0) - 1
      if ((left[index] ?? 0) < 0) breaks = true
    })
    ;(breaks ? violating : others).push(pod)
  }
  return { violating, others }
}

/**
 * All less important pods go at first; then as many as possible are spared, those with a budget first, the most
 * important first. Undefined: there is nobody to go. A refusal: even without them the pod does not fit.
 */
export function findVictims(
  pod: Live<Pod>,
  node: NodeInfo,
  run: FilterRun,
  budgets: readonly Budget[],
): Candidate | NamedRefusal | undefined {
  const lower = [...node.pods.values()].filter((other) => priorityOf(other) < priorityOf(pod))
  if (lower.length === 0) return undefined
  let current = node
  const gone = new Set<Live<Pod>>()
  const remove = (other: Live<Pod>): void => {
    run.leaves(other, node)
    current = withoutPod(current, other.metadata.uid)
    gone.add(other)
  }
  const restore = (other: Live<Pod>): void => {
    run.arrives(other, node)
    current = withPod(current, other)
    gone.delete(other)
  }
  try {
    for (const other of lower) remove(other)
    const refusal = run.refusal(current)
    if (refusal !== undefined) return refusal
    const { violating, others } = splitByBudgets(lower.toSorted(byImportance), budgets)
    const isSpared = (other: Live<Pod>): boolean => {
      restore(other)
      if (run.refusal(current) === undefined) return true
      remove(other)
      return false
    }
    const violations = violating.filter((other) => !isSpared(other)).length
    for (const other of others) isSpared(other)
    const victims = [...gone].toSorted(byImportance)
    return { node: node.name, victims, violations }
  } finally {
    for (const other of [...gone]) restore(other)
  }
}
