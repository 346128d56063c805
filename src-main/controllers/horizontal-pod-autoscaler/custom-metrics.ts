/** What metrics of the custom and external metrics APIs ask for. */
import type { Live } from '../../api/meta/object.ts'
import { isPodReady } from '../../api/meta/pod.ts'
import { formatQuantity, milliValue, parseQuantity } from '../../api/meta/quantity.ts'
import type { MetricIdentifier, MetricSpec, MetricTarget, MetricValueStatus } from '../../api/types/autoscaling-v2.ts'
import type { LabelSelector } from '../../api/types/meta-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { MetricProposal, MetricsObserved } from './metrics.ts'
import { groupPods, noPods, type PodUsage } from './pod-groups.ts'
import { isTolerated, MetricError, replicasForUsage, rounded, type Tolerance } from './replicas-for-usage.ts'

/** What was read for one metric; amounts in thousandths. */
export type Reading =
  | { readonly type: 'pods'; readonly usages: ReadonlyMap<string, PodUsage> }
  | { readonly type: 'amount'; readonly milli: number }
  /** Why it could not be read. */
  | { readonly type: 'failure'; readonly message: string }

const amount = (milli: number): string =>
  formatQuantity({ nano: BigInt(Math.round(milli)) * 1_000_000n, format: 'DecimalSI' })
const targetMilli = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : milliValue(parseQuantity(text))

/** Throws MetricError. */
export function proposeForPods(
  metric: MetricIdentifier,
  target: MetricTarget,
  observed: MetricsObserved,
  tolerance: Tolerance,
  reading: Reading | undefined,
): MetricProposal {
  const code = 'FailedGetPodsMetric'
  if (reading?.type !== 'pods') throw new MetricError(code, failureOf(reading))
  const averageMilli = targetMilli(target.averageValue)
  if (averageMilli === undefined)
    throw new MetricError(code, 'invalid pods metric source: no average value target was set')
  if (observed.pods.length === 0) throw new MetricError(code, noPods)
  const groups = groupPods(observed.pods, reading.usages, '', observed.nowMs)
  const found = replicasForUsage(observed.currentReplicas, groups, new Map(), { tolerance, averageMilli }, code)
  return {
    replicas: found.replicas,
    name: `pods metric ${metric.name}`,
    status: { type: 'Pods', pods: { metric, current: { averageValue: amount(found.averageMilli) } } },
  }
}

/** Throws MetricError. */
export function proposeForObject(
  { describedObject, metric, target }: NonNullable<MetricSpec['object']>,
  observed: MetricsObserved,
  tolerance: Tolerance,
  reading: Reading | undefined,
): MetricProposal {
  const { replicas, current } = byAmount('object', 'FailedGetObjectMetric', target, observed, tolerance, reading)
  return {
    replicas,
    // Kubernetes calls what pods share of an object's metric external.
    name: current.averageValue === undefined ? `${describedObject.kind} metric ${metric.name}` : externalName(metric),
    status: { type: 'Object', object: { describedObject, metric, current } },
  }
}

/** Throws MetricError. */
export function proposeForExternal(
  { metric, target }: NonNullable<MetricSpec['external']>,
  observed: MetricsObserved,
  tolerance: Tolerance,
  reading: Reading | undefined,
): MetricProposal {
  const { replicas, current } = byAmount('external', 'FailedGetExternalMetric', target, observed, tolerance, reading)
  return {
    replicas,
    name: externalName(metric),
    status: { type: 'External', external: { metric, current } },
  }
}

const externalName = ({ name, selector }: MetricIdentifier): string =>
  `external metric ${name}(${selectorWords(selector)})`

const failureOf = (reading: Reading | undefined): string =>
  reading?.type === 'failure' ? reading.message : 'the metric was not read'

/** A total is compared with a target for all, or shared by the replicas that there are. */
function byAmount(
  source: string,
  code: string,
  target: MetricTarget,
  { currentReplicas, statusReplicas, pods }: MetricsObserved,
  tolerance: Tolerance,
  reading: Reading | undefined,
): { replicas: number; current: MetricValueStatus } {
  if (reading?.type !== 'amount') throw new MetricError(code, failureOf(reading))
  const { milli } = reading
  const whole = targetMilli(target.value)
  const share = targetMilli(target.averageValue)
  if (whole !== undefined && (source === 'external' ? share === undefined : target.type === 'Value')) {
    const ratio = milli / whole
    const current = { value: amount(milli) }
    if (currentReplicas === 0) return { replicas: Math.ceil(rounded(ratio)), current }
    if (isTolerated(ratio, tolerance)) return { replicas: currentReplicas, current }
    if (pods.length === 0) throw new MetricError(code, `unable to calculate ready pods: ${noPods}`)
    return { replicas: Math.ceil(rounded(ratio * readyOf(pods))), current }
  }
  if (share === undefined || (source === 'object' && target.type !== 'AverageValue'))
    throw new MetricError(
      code,
      `invalid ${source} metric source: neither a value target nor an average value target was set`,
    )
  const current = { averageValue: amount(statusReplicas === 0 ? milli : Math.ceil(milli / statusReplicas)) }
  const ratio = statusReplicas === 0 ? Infinity : milli / (share * statusReplicas)
  return { replicas: isTolerated(ratio, tolerance) ? statusReplicas : Math.ceil(rounded(milli / share)), current }
}

const readyOf = (pods: readonly Live<Pod>[]): number =>
  pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length

/** As Kubernetes names a selector within the name of a metric. */
export function selectorWords(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const requirements = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  const map = labels.map(([key, value]) => `${key}: ${value},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}},}`
}
