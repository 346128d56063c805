/** What each metric of an autoscaler asks for, and what its status shows of it. */
import { formatQuantity, milliValue, parseQuantity } from '../../api/meta/quantity.ts'
import type { Live } from '../../api/meta/object.ts'
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from '../../api/types/autoscaling-v2.ts'
import type { Container, Pod } from '../../api/types/core-v1.ts'
import type { PodMetrics } from '../../api/types/metrics-v1beta1.ts'
import { proposeForExternal, proposeForObject, proposeForPods, type Reading } from './custom-metrics.ts'
import { groupPods, noPods, type PodUsage } from './pod-groups.ts'
import { MetricError, replicasForUsage, type Tolerance } from './replicas-for-usage.ts'

export interface MetricsObserved {
  readonly currentReplicas: number
  /** Those that the target's selector finds. */
  readonly pods: readonly Live<Pod>[]
  readonly metrics: readonly PodMetrics[]
  /** Why these could not be read. */
  readonly metricsError?: string
  /** How many replicas the target says that it has. */
  readonly statusReplicas: number
  readonly nowMs: number
}

export interface MetricProposal {
  readonly replicas: number
  /** `cpu resource utilization (percentage of request)` */
  readonly name: string
  readonly status: MetricStatus
}

const defaultTolerance = 0.1

export function toleranceOf({ spec }: HorizontalPodAutoscaler): Tolerance {
  const of = (text: string | undefined): number =>
    text === undefined ? defaultTolerance : milliValue(parseQuantity(text)) / 1000
  return { up: of(spec?.behavior?.scaleUp?.tolerance), down: of(spec?.behavior?.scaleDown?.tolerance) }
}

/** Throws MetricError. */
export function proposeFor(
  metric: MetricSpec,
  observed: MetricsObserved,
  tolerance: Tolerance,
  reading: Reading | undefined,
): MetricProposal {
  try {
    return proposeOf(metric, observed, tolerance, reading)
  } catch (error) {
    if (!(error instanceof MetricError)) throw error
    throw new MetricError(error.code, error.message, `${attemptOf(metric)}${error.message}`)
  }
}

/** `failed to get cpu resource metric value: `, as Kubernetes calls what it attempted. */
function attemptOf({ type, resource, containerResource, object, external }: MetricSpec): string {
  switch (type) {
    case 'Resource':
      return `failed to get ${resource?.name ?? ''} resource metric value: `
    case 'ContainerResource':
      return `failed to get ${containerResource?.container ?? ''} container metric value: `
    case 'Pods':
      return 'failed to get pods metric value: '
    case 'Object': {
      const shared = object?.target.type === 'AverageValue' && object.target.averageValue !== undefined
      return `failed to get object metric value: ${shared ? `failed to get ${object.metric.name} object metric: ` : ''}`
    }
    case 'External': {
      const { target, metric } = external ?? {}
      const name = metric?.name ?? ''
      const start = `failed to get ${name} external metric value: `
      if (target?.averageValue !== undefined) return `${start}failed to get ${name} external metric: `
      return target?.value === undefined ? start : `${start}failed to get external metric ${name}: `
    }
  }
  return ''
}

function proposeOf(
  metric: MetricSpec,
  observed: MetricsObserved,
  tolerance: Tolerance,
  reading: Reading | undefined,
): MetricProposal {
  switch (metric.type) {
    case 'Resource': {
      const { name = '', target } = metric.resource ?? {}
      const found = propose(name, undefined, target, observed, tolerance)
      const current = found.current
      return { ...found, status: { type: 'Resource', resource: { name, current } } }
    }
    case 'ContainerResource': {
      const { name = '', container = '', target } = metric.containerResource ?? {}
      const found = propose(name, container, target, observed, tolerance)
      const current = found.current
      return { ...found, status: { type: 'ContainerResource', containerResource: { name, container, current } } }
    }
    case 'Pods':
      if (metric.pods === undefined) break
      return proposeForPods(metric.pods.metric, metric.pods.target, observed, tolerance, reading)
    case 'Object':
      if (metric.object === undefined) break
      return proposeForObject(metric.object, observed, tolerance, reading)
    case 'External':
      if (metric.external === undefined) break
      return proposeForExternal(metric.external, observed, tolerance, reading)
  }
  throw new MetricError('InvalidMetricSourceType', `unknown metric source type ${JSON.stringify(metric.type)}`)
}

/** What goes wrong is told with what was asked for. */
function propose(
  resource: string,
  container: string | undefined,
  target: MetricTarget | undefined,
  observed: MetricsObserved,
  tolerance: Tolerance,
): ReturnType<typeof proposeForResource> {
  try {
    const unread = unreadWords(observed, container)
    if (unread !== undefined)
      throw new MetricError('FailedGetResourceMetric', `unable to get metrics for resource ${resource}: ${unread}`)
    return proposeForResource(resource, container, target, observed, tolerance)
  } catch (error) {
    if (!(error instanceof MetricError)) throw error
    const code = container === undefined ? error.code : 'FailedGetContainerResourceMetric'
    const what = target?.averageUtilization === undefined ? 'usage' : 'utilization'
    throw new MetricError(code, `failed to get ${resource} ${what}: ${error.message}`)
  }
}

/** Why there are no usages; undefined: there are. */
function unreadWords({ metricsError, metrics }: MetricsObserved, container: string | undefined): string | undefined {
  if (metricsError !== undefined) return metricsError
  if (metrics.length === 0) return 'no metrics returned from resource metrics API'
  const without = metrics.find(({ containers = [] }) => !containers.some(({ name }) => name === container))
  if (container === undefined || without === undefined) return undefined
  const { namespace = '', name = '' } = without.metadata ?? {}
  return `failed to get container metrics: container ${container} not present in metrics for pod ${namespace}/${name}`
}

function proposeForResource(
  resource: string,
  container: string | undefined,
  target: MetricTarget | undefined,
  observed: MetricsObserved,
  tolerance: Tolerance,
): { replicas: number; name: string; current: { averageUtilization?: number; averageValue: string } } {
  const usages = usagesOf(observed.metrics, resource, container)
  if (observed.pods.length === 0) throw new MetricError('FailedGetResourceMetric', noPods)
  const groups = groupPods(observed.pods, usages, resource, observed.nowMs)
  const kind = container === undefined ? 'resource' : 'container resource'
  const { averageUtilization, averageValue } = target ?? {}
  const byShare = averageUtilization !== undefined
  if (!byShare && averageValue === undefined)
    throw new MetricError(
      'FailedGetResourceMetric',
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    )
  const requests = byShare ? requestsOf(observed.pods, resource, container) : new Map<string, number>()
  const proposal = replicasForUsage(observed.currentReplicas, groups, requests, {
    tolerance,
    ...(byShare ? { utilization: averageUtilization } : {}),
    ...(averageValue === undefined ? {} : { averageMilli: milliValue(parseQuantity(averageValue)) }),
  })
  return {
    replicas: proposal.replicas,
    name: byShare ? `${resource} ${kind} utilization (percentage of request)` : `${resource} resource`,
    current: {
      averageValue: amount(proposal.averageMilli, resource),
      ...(proposal.utilization === undefined ? {} : { averageUtilization: proposal.utilization }),
    },
  }
}

/** Memory in Ki and Mi, as the metrics server shows it. */
const amount = (milli: number, resource: string): string =>
  formatQuantity({
    nano: BigInt(Math.round(milli)) * 1_000_000n,
    format: resource === 'memory' ? 'BinarySI' : 'DecimalSI',
  })

/** By the pod's name. A pod of which a container was not measured has no usage. */
function usagesOf(
  metrics: readonly PodMetrics[],
  resource: string,
  container: string | undefined,
): Map<string, PodUsage> {
  const usages = new Map<string, PodUsage>()
  for (const { metadata, containers = [], timestamp, window } of metrics) {
    const own = container === undefined ? containers : containers.filter(({ name }) => name === container)
    const values = own.map(({ usage }) => usage[resource])
    if (values.length === 0 || values.some((value) => value === undefined)) continue
    const milli = values.reduce((sum, value) => sum + milliValue(parseQuantity(value ?? '0')), 0)
    const windowMs = Number(/^([\d.]+)s$/.exec(window)?.[1] ?? '0') * 1000
    usages.set(metadata?.name ?? '', { atMs: Date.parse(timestamp), windowMs, milli })
  }
  return usages
}

/** What each pod asks for, as a whole (KEP-2837) or by its containers, in thousandths. Throws MetricError when one of them asks for nothing. */
function requestsOf(pods: readonly Live<Pod>[], resource: string, container: string | undefined): Map<string, number> {
  const requests = new Map<string, number>()
  for (const { metadata, spec } of pods) {
    const whole = container === undefined ? spec?.resources?.requests?.[resource] : undefined
    if (whole !== undefined) {
      requests.set(metadata.name, milliValue(parseQuantity(whole)))
      continue
    }
    const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
    const counted = [...(spec?.containers ?? []), ...sidecars].filter(
      ({ name }) => container === undefined || name === container,
    )
    requests.set(
      metadata.name,
      counted.reduce((sum, one) => sum + requestOf(one, resource, metadata.name), 0),
    )
  }
  return requests
}

function requestOf({ name, resources }: Container, resource: string, pod: string): number {
  const text = resources?.requests?.[resource]
  if (text !== undefined) return milliValue(parseQuantity(text))
  throw new MetricError('FailedGetResourceMetric', `missing request for ${resource} in container ${name} of Pod ${pod}`)
}
