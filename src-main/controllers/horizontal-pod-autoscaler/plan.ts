/** What an autoscaler does next, decided from its target's scale, its pods and what they use. */
import { withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Scale } from '../../api/types/autoscaling-v1.ts'
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
} from '../../api/types/autoscaling-v2.ts'
import { timestamp } from '../../lib/clock.ts'
import { applyBehavior, type History } from './behavior.ts'
import type { Reading } from './custom-metrics.ts'
import { proposeFor, toleranceOf, type MetricProposal, type MetricsObserved } from './metrics.ts'
import { MetricError } from './replicas-for-usage.ts'

export interface AutoscalerObserved extends Pick<MetricsObserved, 'pods' | 'metrics' | 'metricsError' | 'nowMs'> {
  readonly autoscaler: Live<HorizontalPodAutoscaler>
  readonly scale: Scale
  /** What was read for each metric that others serve, at its place among the metrics. */
  readonly readings?: readonly (Reading | undefined)[]
  /** Other autoscalers that scale the same pods. */
  readonly rivals: readonly string[]
  readonly history: History
}

export interface AutoscalerEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export interface AutoscalerPlan {
  /** The new size and why; absent: the size stays. */
  readonly rescale: { readonly replicas: number; readonly reason: string } | undefined
  readonly status: HorizontalPodAutoscalerStatus
  readonly events: readonly AutoscalerEvent[]
  readonly history: History
}

type Said = Pick<HorizontalPodAutoscalerCondition, 'type' | 'status' | 'reason' | 'message'>

/** Conditions on those that the autoscaler has. */
export function withConditions(
  { status }: HorizontalPodAutoscaler,
  said: readonly Said[],
  nowMs: number,
): HorizontalPodAutoscalerCondition[] {
  return said.reduce<HorizontalPodAutoscalerCondition[]>(
    (all, next) => withCondition<HorizontalPodAutoscalerCondition>(all, next, timestamp(nowMs)).conditions,
    status?.conditions ?? [],
  )
}

const found: Said = {
  type: 'AbleToScale',
  status: 'True',
  reason: 'SucceededGetScale',
  message: "the HPA controller was able to get the target's current scale",
}

export function planAutoscaler(observed: AutoscalerObserved): AutoscalerPlan {
  const { autoscaler, scale, rivals, history } = observed
  const { minReplicas = 1, maxReplicas = 1 } = autoscaler.spec ?? {}
  const current = scale.spec?.replicas ?? 0
  const inactive = (reason: string, message: string, type: AutoscalerEvent['type'] | 'none'): AutoscalerPlan => ({
    rescale: undefined,
    status: statusOf(observed, current, [], [found, { type: 'ScalingActive', status: 'False', reason, message }]),
    events: type === 'none' ? [] : [{ type, reason, message }],
    history,
  })
  if (current === 0 && minReplicas !== 0)
    return inactive('ScalingDisabled', 'scaling is disabled since the replica count of the target is zero', 'none')
  if ((scale.status?.selector ?? '') === '')
    return inactive('InvalidSelector', "the HPA target's scale is missing a selector", 'Warning')
  if (rivals.length > 0) {
    const names = [autoscaler.metadata.name, ...rivals].sort().join(' ')
    const message = `pods by selector ${scale.status?.selector} are controlled by multiple HPAs: [${names}]`
    return inactive('AmbiguousSelector', message, 'Warning')
  }
  const outside = current > maxReplicas ? maxReplicas : current < minReplicas ? minReplicas : undefined
  if (outside !== undefined) {
    const [word, bound] = current > maxReplicas ? ['above', 'MaxReplicas'] : ['below', 'MinReplicas']
    return resize(observed, current, outside, `Current number of replicas ${word} Spec.${bound}`, [found], [])
  }
  return byMetrics(observed, current)
}

function byMetrics(observed: AutoscalerObserved, current: number): AutoscalerPlan {
  const { autoscaler, scale, readings = [], nowMs, history } = observed
  const { minReplicas = 1, maxReplicas = 1, behavior } = autoscaler.spec ?? {}
  const specs = autoscaler.spec?.metrics ?? []
  const tolerance = toleranceOf(autoscaler)
  const proposals: MetricProposal[] = []
  const failures: MetricError[] = []
  const measured = { ...observed, currentReplicas: current, statusReplicas: scale.status?.replicas ?? 0 }
  for (const [place, spec] of specs.entries()) {
    try {
      proposals.push(proposeFor(spec, measured, tolerance, readings[place]))
    } catch (error) {
      if (!(error instanceof MetricError)) throw error
      failures.push(error)
    }
  }
  const [best] = [...proposals].sort((a, b) => b.replicas - a.replicas)
  const [failure] = failures
  // A metric that is not known might have asked for more: without it nothing is taken away.
  if (best === undefined || (failure !== undefined && best.replicas < current))
    return failed(observed, current, proposals, failures)
  const active: Said = {
    type: 'ScalingActive',
    status: 'True',
    reason: 'ValidMetricFound',
    message: `the HPA was able to successfully calculate a replica count from ${best.name}`,
  }
  const verdict = applyBehavior({
    ...{ current, minReplicas, maxReplicas, behavior, history, nowMs },
    wanted: best.replicas,
  })
  const conditions: Said[] = [
    { type: 'AbleToScale', status: 'True', ...verdict.able },
    active,
    { type: 'ScalingLimited', ...verdict.limited },
  ]
  const reason = verdict.replicas > current ? `${best.name} above target` : 'All metrics below target'
  return resize({ ...observed, history: verdict.history }, current, verdict.replicas, reason, conditions, proposals)
}

const computeFailed = 'FailedComputeMetricsReplicas'

/** `failed to get pods metric value: `, by the reason of the condition. */
function valueOf(reason: string): string {
  const [, source = ''] = /^FailedGet(.+)Metric$/.exec(reason) ?? []
  return source === '' ? '' : `failed to get ${source.replace(/(?<=.)(?=[A-Z])/g, ' ').toLowerCase()} metric value: `
}

function failed(
  observed: AutoscalerObserved,
  current: number,
  proposals: readonly MetricProposal[],
  failures: readonly MetricError[],
): AutoscalerPlan {
  const [failure] = failures
  const reason = failure?.code ?? computeFailed
  const cause = failure?.message ?? 'there is no metric to go by'
  const message = `the HPA was unable to compute the replica count: ${cause}`
  const all = observed.autoscaler.spec?.metrics?.length ?? 0
  const words = `invalid metrics (${failures.length} invalid out of ${all}), first error is: ${valueOf(reason)}${cause}`
  return {
    rescale: undefined,
    status: statusOf(observed, current, proposals, [
      found,
      { type: 'ScalingActive', status: 'False', reason, message },
    ]),
    events: [
      { type: 'Warning', reason, message: cause },
      { type: 'Warning', reason: computeFailed, message: words },
    ],
    history: observed.history,
  }
}

function resize(
  observed: AutoscalerObserved,
  current: number,
  replicas: number,
  reason: string,
  conditions: readonly Said[],
  proposals: readonly MetricProposal[],
): AutoscalerPlan {
  const status = statusOf(observed, replicas, proposals, conditions)
  return {
    rescale: replicas === current ? undefined : { replicas, reason },
    status,
    events: [],
    history: observed.history,
  }
}

function statusOf(
  { autoscaler, scale, nowMs }: AutoscalerObserved,
  desiredReplicas: number,
  proposals: readonly MetricProposal[],
  conditions: readonly Said[],
): HorizontalPodAutoscalerStatus {
  const { lastScaleTime } = autoscaler.status ?? {}
  return {
    observedGeneration: autoscaler.metadata.generation ?? 0,
    currentReplicas: scale.status?.replicas ?? scale.spec?.replicas ?? 0,
    desiredReplicas,
    ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    ...(proposals.length === 0 ? {} : { currentMetrics: proposals.map(({ status }) => status) }),
    conditions: withConditions(autoscaler, conditions, nowMs),
  }
}
