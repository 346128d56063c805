/** What an autoscaler does next, decided from its target's scale, its pods and what they use. */
import { withCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Scale } from '../../api/types/autoscaling-v1.ts'
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
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
  /** The keys of other autoscalers that go by the same pods. */
  readonly rivals: readonly string[]
  /** Why the selector of the target is none. */
  readonly selectorProblem?: string
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
  const { autoscaler, scale, history } = observed
  const { minReplicas = 1, maxReplicas = 1 } = autoscaler.spec ?? {}
  const current = scale.spec?.replicas ?? 0
  if (current === 0 && minReplicas !== 0) {
    const message = 'scaling is disabled since the replica count of the target is zero'
    const disabled: Said = { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message }
    return { rescale: undefined, status: statusOf(observed, current, [], [found, disabled]), events: [], history }
  }
  const outside = current > maxReplicas ? maxReplicas : current < minReplicas ? minReplicas : undefined
  if (outside !== undefined) {
    const [word, bound] = current > maxReplicas ? ['above', 'MaxReplicas'] : ['below', 'MinReplicas']
    return resize(observed, current, outside, `Current number of replicas ${word} Spec.${bound}`, [found], [])
  }
  const stuck = selectorProblemOf(observed)
  return stuck === undefined
    ? byMetrics(observed, current)
    : unsure(observed, [], stuck.said, [stuck.event], stuck.event)
}

/** Why nothing can be decided on the pods that the target's selector finds, for the condition and for the event. */
function selectorProblemOf({
  autoscaler: { metadata },
  scale,
  rivals,
  selectorProblem,
}: AutoscalerObserved):
  { readonly said: Pick<Said, 'reason' | 'message'>; readonly event: AutoscalerEvent } | undefined {
  const selector = scale.status?.selector ?? ''
  if (selector === '')
    return {
      said: { reason: 'InvalidSelector', message: "the HPA target's scale is missing a selector" },
      event: { type: 'Warning', reason: 'SelectorRequired', message: 'selector is required' },
    }
  const as = (reason: string, message: string): ReturnType<typeof selectorProblemOf> => ({
    said: { reason, message },
    event: { type: 'Warning', reason, message },
  })
  if (selectorProblem !== undefined) return as('InvalidSelector', selectorProblem)
  if (rivals.length === 0) return undefined
  const keys = [`${metadata.namespace ?? ''}/${metadata.name}`, ...rivals].sort().join(' ')
  return as('AmbiguousSelector', `pods by selector ${selector} are controlled by multiple HPAs: [${keys}]`)
}

function byMetrics(observed: AutoscalerObserved, current: number): AutoscalerPlan {
  const { autoscaler, scale, readings = [], nowMs, history } = observed
  const { minReplicas = 1, maxReplicas = 1, behavior } = autoscaler.spec ?? {}
  const specs = autoscaler.spec?.metrics ?? []
  const tolerance = toleranceOf(autoscaler)
  const proposals: MetricProposal[] = []
  const failures: MetricError[] = []
  const statuses: MetricStatus[] = []
  const measured = { ...observed, currentReplicas: current, statusReplicas: scale.status?.replicas ?? 0 }
  for (const [place, spec] of specs.entries()) {
    try {
      const proposal = proposeFor(spec, measured, tolerance, readings[place])
      proposals.push(proposal)
      statuses.push(proposal.status)
    } catch (error) {
      if (!(error instanceof MetricError)) throw error
      failures.push(error)
      // Each metric keeps its place.
      statuses.push({ type: '' })
    }
  }
  const [best] = [...proposals].sort((a, b) => b.replicas - a.replicas)
  const [failure] = failures
  // A metric that is not known might have asked for more: without it nothing is taken away.
  const events = failures.map(({ code, message }): AutoscalerEvent => ({ type: 'Warning', reason: code, message }))
  if (best === undefined || (failure !== undefined && best.replicas < current)) {
    const { code = computeFailed, message = 'there is no metric to go by', attempt = message } = failure ?? {}
    const said = { reason: code, message: `the HPA was unable to compute the replica count: ${message}` }
    const words = `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${attempt}`
    return unsure(observed, statuses, said, events, { message: words })
  }
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
  const reason = best.replicas > current ? `${best.name} above target` : 'All metrics below target'
  const decided = { ...observed, history: verdict.history }
  return { ...resize(decided, current, verdict.replicas, reason, conditions, statuses), events }
}

const computeFailed = 'FailedComputeMetricsReplicas'

/** Nothing is changed; what was wished for before still stands in the status. */
function unsure(
  observed: AutoscalerObserved,
  statuses: readonly MetricStatus[],
  said: Pick<Said, 'reason' | 'message'>,
  events: readonly AutoscalerEvent[],
  { message }: Pick<AutoscalerEvent, 'message'>,
): AutoscalerPlan {
  const { autoscaler, history } = observed
  const conditions: Said[] = [found, { type: 'ScalingActive', status: 'False', ...said }]
  return {
    rescale: undefined,
    status: statusOf(observed, autoscaler.status?.desiredReplicas ?? 0, statuses, conditions),
    events: [...events, { type: 'Warning', reason: computeFailed, message }],
    history,
  }
}

function resize(
  observed: AutoscalerObserved,
  current: number,
  replicas: number,
  reason: string,
  conditions: readonly Said[],
  statuses: readonly MetricStatus[],
): AutoscalerPlan {
  const status = statusOf(observed, replicas, statuses, conditions)
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
  statuses: readonly MetricStatus[],
  conditions: readonly Said[],
): HorizontalPodAutoscalerStatus {
  const { lastScaleTime } = autoscaler.status ?? {}
  return {
    observedGeneration: autoscaler.metadata.generation ?? 0,
    currentReplicas: scale.spec?.replicas ?? 0,
    desiredReplicas,
    ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    ...(statuses.length === 0 ? {} : { currentMetrics: [...statuses] }),
    conditions: withConditions(autoscaler, conditions, nowMs),
  }
}
