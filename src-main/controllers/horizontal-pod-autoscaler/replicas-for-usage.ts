/** How many replicas a measure asks for: the arithmetic of the autoscaler, without any object. */
import type { PodGroups, PodUsage } from './pod-groups.ts'

export interface Tolerance {
  readonly up: number
  readonly down: number
}

export interface UsageTarget {
  /** Percent of what the pods request; absent: an amount for each pod. */
  readonly utilization?: number
  /** In thousandths. */
  readonly averageMilli?: number
  readonly tolerance: Tolerance
}

export interface Proposal {
  readonly replicas: number
  /** Percent of the requests; only with a target of that kind. */
  readonly utilization?: number
  readonly averageMilli: number
}

export class MetricError extends Error {
  override readonly name = 'MetricError'
  /** The reason of the condition that says so. */
  readonly code: string
  /** The message with what was attempted, for the event that sums up. */
  readonly attempt: string

  constructor(code: string, message: string, attempt = message) {
    super(message)
    this.code = code
    this.attempt = attempt
  }
}

export const isTolerated = (ratio: number, { up, down }: Tolerance): boolean => ratio >= 1 - down && ratio <= 1 + up

/**
 * `requests` are what each pod asks for, in thousandths. Pods without a measure are taken to use what keeps a decision
 * small: all of their target when there is too little use, nothing when there is too much. Throws MetricError.
 */
export function replicasForUsage(
  current: number,
  { ready, unready, missing }: PodGroups,
  requests: ReadonlyMap<string, number>,
  target: UsageTarget,
  code = 'FailedGetResourceMetric',
): Proposal {
  const measured = new Map([...ready].map(([name, { milli }]) => [name, milli]))
  if (measured.size === 0)
    throw new MetricError(code, 'did not receive metrics for targeted pods (pods might be unready)')
  const now = ratioOf(measured, requests, target)
  const startingUp = unready.size > 0 && now.ratio > 1
  const proposal = (replicas: number): Proposal => ({
    replicas,
    averageMilli: now.averageMilli,
    ...(now.utilization === undefined ? {} : { utilization: now.utilization }),
  })
  if (!startingUp && missing.size === 0) {
    if (isTolerated(now.ratio, target.tolerance)) return proposal(current)
    return proposal(Math.ceil(rounded(now.ratio * measured.size)))
  }
  for (const name of missing) {
    const share = Math.max(100, target.utilization ?? 0) / 100
    const assumed = target.averageMilli ?? (requests.get(name) ?? 0) * share
    if (now.ratio < 1) measured.set(name, assumed)
    else if (now.ratio > 1) measured.set(name, 0)
  }
  if (startingUp) for (const name of unready) measured.set(name, 0)
  const { ratio } = ratioOf(measured, requests, target)
  const turned = (now.ratio < 1 && ratio > 1) || (now.ratio > 1 && ratio < 1)
  if (isTolerated(ratio, target.tolerance) || turned) return proposal(current)
  const replicas = Math.ceil(rounded(ratio * measured.size))
  const backwards = (ratio < 1 && replicas > current) || (ratio > 1 && replicas < current)
  return proposal(backwards ? current : replicas)
}

/** What is whole but for the last bit of a float is whole. */
export const rounded = (value: number): number => Math.round(value * 1e9) / 1e9

function ratioOf(
  usages: ReadonlyMap<string, number>,
  requests: ReadonlyMap<string, number>,
  { utilization: wanted, averageMilli }: UsageTarget,
): { ratio: number; utilization?: number; averageMilli: number } {
  const sum = [...usages.values()].reduce((all, one) => all + one, 0)
  const average = Math.trunc(sum / usages.size)
  if (wanted === undefined) return { ratio: average / (averageMilli ?? 1), averageMilli: average }
  const requested = [...usages.keys()].reduce((all, name) => all + (requests.get(name) ?? 0), 0)
  if (requested === 0) throw new MetricError('FailedGetResourceMetric', 'no metrics returned matched known pods')
  const utilization = Math.trunc((sum * 100) / requested)
  return { ratio: utilization / wanted, utilization, averageMilli: average }
}

export type { PodUsage }
