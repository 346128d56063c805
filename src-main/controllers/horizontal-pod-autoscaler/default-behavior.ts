/** How the number of replicas changes when the autoscaler says nothing of it (no `behavior`). */
import type { BehaviorInput, Verdict } from './behavior.ts'

/** For so long the highest wish holds. */
const windowMs = 300_000
/** In one step it may double, or come to so many. */
const fewestAtOnce = 4

export function applyDefaultBehavior(input: Omit<BehaviorInput, 'behavior'>): Verdict {
  const { wanted, history, nowMs } = input
  const recent = history.recommendations.filter(({ atMs }) => atMs >= nowMs - windowMs)
  const highest = Math.max(wanted, ...recent.map(({ replicas }) => replicas))
  const able =
    highest === wanted
      ? { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
      : {
          reason: 'ScaleDownStabilized',
          message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
        }
  const recommendations = [...recent, { atMs: nowMs, replicas: wanted }]
  return { ...limit(input, highest), able, history: { ...history, recommendations } }
}

function limit(
  { current, minReplicas, maxReplicas }: Pick<BehaviorInput, 'current' | 'minReplicas' | 'maxReplicas'>,
  wanted: number,
): Pick<Verdict, 'replicas' | 'limited'> {
  const as = (replicas: number, reason: string, message: string): Pick<Verdict, 'replicas' | 'limited'> => ({
    replicas,
    limited: { status: replicas === wanted ? 'False' : 'True', reason, message },
  })
  const fastest = Math.max(2 * current, fewestAtOnce)
  if (wanted < minReplicas)
    return as(minReplicas, 'TooFewReplicas', 'the desired replica count is less than the minimum replica count')
  if (wanted > fastest && fastest < maxReplicas)
    return as(fastest, 'ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate')
  if (wanted > maxReplicas)
    return as(maxReplicas, 'TooManyReplicas', 'the desired replica count is more than the maximum replica count')
  return as(wanted, 'DesiredWithinRange', 'the desired count is within the acceptable range')
}
