/** Gives workloads as many replicas as their usage asks for. */
import type { Kind } from '../../api/define-kind.ts'
import { horizontalPodAutoscaler as autoscalerKind } from '../../api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { podMetrics as podMetricsKind } from '../../api/kinds/metrics/resource-metrics.ts'
import type { Live } from '../../api/meta/object.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { Scale } from '../../api/types/autoscaling-v1.ts'
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from '../../api/types/autoscaling-v2.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { PodMetrics } from '../../api/types/metrics-v1beta1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped } from '../../client/controller-sources.ts'
import { watchSignificant } from '../significant-changes.ts'
import type { Informer } from '../../client/informer.ts'
import { timestamp } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import type { ControllerContext } from '../context.ts'
import { isStoredStatus } from '../stored-status.ts'
import { firstHistory, withScaleEvent, type History } from './behavior.ts'
import type { Reading } from './custom-metrics.ts'
import { readMetric } from './read-metrics.ts'
import { planAutoscaler, withConditions, type AutoscalerEvent, type AutoscalerPlan } from './plan.ts'
import { targetOf, updateScale, type Target } from './scale-target.ts'
import { rivalsOf, selectorOf, type PodSelector } from './select.ts'

/** How often usage is looked at. */
const periodMs = 15_000

interface Parts {
  readonly context: ControllerContext
  readonly autoscalers: Informer<HorizontalPodAutoscaler>
  readonly pods: Informer<Pod>
  readonly servedKinds: () => readonly Kind[]
  /** By key: what was wished for and done before. Lost with a restart, as Kubernetes loses it. */
  readonly histories: Map<string, History>
  /** By key: which pods each of them was last seen to select. */
  readonly selectors: Map<string, PodSelector>
}

type Cause = ReconcileContext['cause']

/** `servedKinds`: whatever has a scale can be a target, also kinds of CRDs. */
export function startAutoscalerController(context: ControllerContext, servedKinds: () => readonly Kind[]): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    servedKinds,
    autoscalers: informers.of(autoscalerKind),
    pods: informers.of(podKind),
    histories: new Map<string, History>(),
    selectors: new Map<string, PodSelector>(),
  }
  return runController({
    name: 'horizontal-pod-autoscaler',
    kind: autoscalerKind,
    sources: [
      // Our own status is no reason to look again before it is time.
      watchSignificant(
        parts.autoscalers,
        ({ spec }) => stableText(spec),
        ({ metadata }) => [`${metadata.namespace ?? ''}/${metadata.name}`],
      ),
      watchMapped(parts.pods, () => []),
    ],
    workers: 5,
    reconcile: (key, reconcile) => reconcileAutoscaler(parts, key, reconcile),
    clock,
    random,
    log,
    probe,
  })
}

async function reconcileAutoscaler(parts: Parts, key: string, { cause }: ReconcileContext): Promise<ReconcileResult> {
  const { context, autoscalers, histories } = parts
  const autoscaler = autoscalers.lister.byKey(key)
  if (autoscaler === undefined) {
    histories.delete(key)
    parts.selectors.delete(key)
    return undefined
  }
  const { clock } = context
  const target = await targetOf(context.client, parts.servedKinds(), autoscaler)
  if ('problem' in target) {
    const message = `the HPA controller was unable to get the target's current scale: ${target.problem}`
    const condition = { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message }
    report(context, autoscaler, { type: 'Warning', reason: 'FailedGetScale', message: target.problem })
    const conditions = withConditions(autoscaler, [condition], clock.now())
    await writeStatus(context, autoscaler, { desiredReplicas: 0, ...autoscaler.status, conditions }, cause)
    return { requeueAfterMs: periodMs }
  }
  const plan = planAutoscaler({
    autoscaler,
    scale: target.scale,
    ...(await usageOf(parts, key, autoscaler, target.scale)),
    readings: await readingsOf(parts, autoscaler, target.scale),
    history: histories.get(key) ?? firstHistory(target.scale.spec?.replicas ?? 0, clock.now()),
    nowMs: clock.now(),
  })
  histories.set(key, plan.history)
  for (const event of plan.events) report(context, autoscaler, event)
  const status = plan.rescale === undefined ? plan.status : await rescale(parts, key, autoscaler, target, plan, cause)
  await writeStatus(context, autoscaler, status, cause)
  return { requeueAfterMs: periodMs }
}

interface Usage {
  readonly pods: Live<Pod>[]
  readonly metrics: PodMetrics[]
  readonly rivals: readonly string[]
  readonly metricsError?: string
  readonly selectorProblem?: string
}

async function usageOf(
  { context, pods, selectors }: Parts,
  key: string,
  { metadata: { namespace = '' } }: Live<HorizontalPodAutoscaler>,
  { status }: Scale,
): Promise<Usage> {
  const labelSelector = status?.selector ?? ''
  const nothing = { pods: [], metrics: [], rivals: [] }
  if (labelSelector === '') return nothing
  const selector = selectorOf(labelSelector)
  if ('problem' in selector) return { ...nothing, selectorProblem: selector.problem }
  selectors.set(key, selector)
  const selected = pods.lister.list(namespace).filter((pod) => selector.matches(pod.metadata.labels))
  const known = { pods: selected, rivals: rivalsOf(key, namespace, selected, selectors) }
  try {
    const { items } = await context.client.list(podMetricsKind, { namespace, labelSelector })
    return { ...known, metrics: items }
  } catch (error) {
    const metricsError = `unable to fetch metrics from resource metrics API: ${describeError(error)}`
    return { ...known, metrics: [], metricsError }
  }
}

/** Each metric that others serve, at its place. */
function readingsOf(
  { context: { client }, servedKinds }: Parts,
  { metadata, spec }: Live<HorizontalPodAutoscaler>,
  { status }: Scale,
): Promise<(Reading | undefined)[]> {
  const place = { client, servedKinds, namespace: metadata.namespace ?? '', podSelector: status?.selector ?? '' }
  return Promise.all((spec?.metrics ?? []).map((metric) => readMetric(place, metric)))
}

async function rescale(
  { context, histories }: Parts,
  key: string,
  autoscaler: Live<HorizontalPodAutoscaler>,
  target: Target,
  { rescale: wanted, status, history }: AutoscalerPlan,
  cause: Cause,
): Promise<HorizontalPodAutoscalerStatus> {
  if (wanted === undefined) return status
  const { client, clock } = context
  const { replicas, reason } = wanted
  const size = `New size: ${replicas}; reason: ${reason}`
  const problem = await updateScale(client, target, replicas, cause)
  const nowMs = clock.now()
  const saying = (able: string, why: string, message: string): HorizontalPodAutoscalerStatus['conditions'] =>
    withConditions({ ...autoscaler, status }, [{ type: 'AbleToScale', status: able, reason: why, message }], nowMs)
  if (problem !== undefined) {
    report(context, autoscaler, { type: 'Warning', reason: 'FailedRescale', message: `${size}; error: ${problem}` })
    const message = `the HPA controller was unable to update the target scale: ${problem}`
    const { desiredReplicas = 0 } = autoscaler.status ?? {}
    return { ...status, desiredReplicas, conditions: saying('False', 'FailedUpdateScale', message) }
  }
  report(context, autoscaler, { type: 'Normal', reason: 'SuccessfulRescale', message: size })
  // Without a behavior nobody asks for what was done before.
  if (autoscaler.spec?.behavior !== undefined)
    histories.set(key, withScaleEvent(history, target.scale.spec?.replicas ?? 0, replicas, nowMs))
  const message = `the HPA controller was able to update the target scale to ${replicas}`
  return { ...status, lastScaleTime: timestamp(nowMs), conditions: saying('True', 'SucceededRescale', message) }
}

function report(
  { events }: ControllerContext,
  autoscaler: Live<HorizontalPodAutoscaler>,
  { type, reason, message }: AutoscalerEvent,
): void {
  events.event(
    { ...autoscaler, apiVersion: autoscalerKind.apiVersion, kind: autoscalerKind.kind },
    type,
    reason,
    message,
  )
}

/** A status that cannot be written is told of, and written anew after the next look. */
async function writeStatus(
  context: ControllerContext,
  autoscaler: Live<HorizontalPodAutoscaler>,
  status: HorizontalPodAutoscalerStatus,
  cause: Cause,
): Promise<void> {
  if (isStoredStatus(autoscalerKind, status, autoscaler.status)) return
  try {
    await context.client.update(autoscalerKind, { ...autoscaler, status }, { subresource: 'status', cause })
  } catch (error) {
    report(context, autoscaler, { type: 'Warning', reason: 'FailedUpdateStatus', message: describeError(error) })
  }
}
