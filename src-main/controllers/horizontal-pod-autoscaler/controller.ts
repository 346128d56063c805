/** Gives workloads as many replicas as their usage asks for. */
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import { horizontalPodAutoscaler as autoscalerKind } from '../../api/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { podMetrics as podMetricsKind } from '../../api/kinds/metrics/resource-metrics.ts'
import { parseLabelSelector } from '../../api/meta/label-selector.ts'
import type { KubernetesObject, Live } from '../../api/meta/object.ts'
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

/** How often usage is looked at. */
const periodMs = 15_000

interface Parts {
  readonly context: ControllerContext
  readonly autoscalers: Informer<HorizontalPodAutoscaler>
  readonly pods: Informer<Pod>
  readonly servedKinds: () => readonly Kind[]
  /** By key: what was wished for and done before. Lost with a restart, as Kubernetes loses it. */
  readonly histories: Map<string, History>
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
    return undefined
  }
  const { clock } = context
  const target = await targetOf(parts, autoscaler)
  if ('problem' in target) {
    const condition = { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message: target.problem }
    report(context, autoscaler, { type: 'Warning', reason: 'FailedGetScale', message: target.problem })
    const conditions = withConditions(autoscaler, [condition], clock.now())
    await writeStatus(context, autoscaler, { desiredReplicas: 0, ...autoscaler.status, conditions }, cause)
    return { requeueAfterMs: periodMs }
  }
  const plan = planAutoscaler({
    autoscaler,
    scale: target.scale,
    ...(await usageOf(parts, autoscaler, target.scale)),
    readings: await readingsOf(parts, autoscaler, target.scale),
    rivals: rivalsOf(parts, autoscaler),
    history: histories.get(key) ?? firstHistory(target.scale.spec?.replicas ?? 0, clock.now()),
    nowMs: clock.now(),
  })
  histories.set(key, plan.history)
  for (const event of plan.events) report(context, autoscaler, event)
  const status = plan.rescale === undefined ? plan.status : await rescale(parts, key, autoscaler, target, plan, cause)
  await writeStatus(context, autoscaler, status, cause)
  return { requeueAfterMs: periodMs }
}

interface Target {
  readonly kind: Kind
  readonly scale: Scale
}

async function targetOf(
  { context, servedKinds }: Parts,
  { metadata, spec }: Live<HorizontalPodAutoscaler>,
): Promise<Target | { readonly problem: string }> {
  const { apiVersion = 'v1', kind: kindName = '', name = '' } = spec?.scaleTargetRef ?? {}
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const of = servedKinds().filter((one) => one.group === group && one.kind === kindName)
  const kind = of.find((one) => one.apiVersion === apiVersion) ?? of[0]
  if (kind?.subresources.scale === undefined)
    return { problem: `no matches for kind ${JSON.stringify(kindName)} in group ${JSON.stringify(group)}` }
  try {
    const ref = { name, namespace: metadata.namespace ?? '' }
    return { kind, scale: (await context.client.get(kind, ref, 'scale')) as Scale }
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    return { problem: describeError(error) }
  }
}

async function usageOf(
  { context, pods }: Parts,
  { metadata }: Live<HorizontalPodAutoscaler>,
  { status }: Scale,
): Promise<{ pods: Live<Pod>[]; metrics: PodMetrics[]; metricsError?: string }> {
  const labelSelector = status?.selector ?? ''
  if (labelSelector === '') return { pods: [], metrics: [] }
  const selector = parseLabelSelector(labelSelector)
  const selected = pods.lister.list(metadata.namespace).filter((pod) => selector.matches(pod.metadata.labels))
  try {
    const { items } = await context.client.list(podMetricsKind, { namespace: metadata.namespace ?? '', labelSelector })
    return { pods: selected, metrics: items }
  } catch (error) {
    return {
      pods: selected,
      metrics: [],
      metricsError: `unable to fetch metrics from resource metrics API: ${describeError(error)}`,
    }
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

/** The same target twice would be pulled two ways. */
function rivalsOf({ autoscalers }: Parts, { metadata, spec }: Live<HorizontalPodAutoscaler>): string[] {
  return autoscalers.lister
    .list(metadata.namespace)
    .filter((other) => other.metadata.uid !== metadata.uid)
    .filter((other) => stableText(other.spec?.scaleTargetRef) === stableText(spec?.scaleTargetRef))
    .map((other) => other.metadata.name)
}

async function rescale(
  { context, histories }: Parts,
  key: string,
  autoscaler: Live<HorizontalPodAutoscaler>,
  { kind, scale }: Target,
  { rescale: wanted, status, history }: AutoscalerPlan,
  cause: Cause,
): Promise<HorizontalPodAutoscalerStatus> {
  if (wanted === undefined) return status
  const { client, clock } = context
  const { replicas, reason } = wanted
  const nowMs = clock.now()
  // With the version that was looked at: whoever changed the size meanwhile knew something that we did not.
  const next: KubernetesObject = { ...scale, spec: { replicas } } as Scale
  await client.update(kind, next, { subresource: 'scale', cause })
  report(context, autoscaler, {
    type: 'Normal',
    reason: 'SuccessfulRescale',
    message: `New size: ${replicas}; reason: ${reason}`,
  })
  histories.set(key, withScaleEvent(history, scale.spec?.replicas ?? 0, replicas, nowMs))
  const said = {
    type: 'AbleToScale',
    status: 'True',
    reason: 'SucceededRescale',
    message: `the HPA controller was able to update the target scale to ${replicas}`,
  }
  const conditions = withConditions({ ...autoscaler, status }, [said], nowMs)
  return { ...status, lastScaleTime: timestamp(nowMs), conditions }
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

async function writeStatus(
  { client }: ControllerContext,
  autoscaler: Live<HorizontalPodAutoscaler>,
  status: HorizontalPodAutoscalerStatus,
  cause: Cause,
): Promise<void> {
  if (isStoredStatus(autoscalerKind, status, autoscaler.status)) return
  await client.update(autoscalerKind, { ...autoscaler, status }, { subresource: 'status', cause })
}
