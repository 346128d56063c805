/** Versions of a kind whose fields differ, and how one becomes the other. Versions that are not named here differ in nothing but their name. */
import { flatForms } from '../../api/kinds/resource/flat-form.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { HorizontalPodAutoscaler as AutoscalerV1 } from '../../api/types/autoscaling-v1.ts'
import type { HorizontalPodAutoscaler as AutoscalerV2, MetricSpec } from '../../api/types/autoscaling-v2.ts'

export interface Conversion {
  /** `apiVersion Kind`. */
  readonly version: string
  /** The version in which objects of this kind are stored. */
  readonly stored: string
  toStored(object: DynamicObject): DynamicObject
  fromStored(object: DynamicObject): DynamicObject
}

/** The field of an event in `events.k8s.io`, and what `v1` calls it. */
const eventFields: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
]
const toCore = new Map(eventFields)
const fromCore = new Map(eventFields.map(([own, core]) => [core, own]))

function renamed(object: DynamicObject, names: ReadonlyMap<string, string>, apiVersion: string): DynamicObject {
  const entries = Object.entries(object).map(([name, value]): [string, unknown] => [names.get(name) ?? name, value])
  return { ...Object.fromEntries(entries), apiVersion }
}

const events: Conversion = {
  version: 'events.k8s.io/v1 Event',
  stored: 'v1',
  toStored: (object) => ({ involvedObject: {}, ...renamed(object, toCore, 'v1') }),
  fromStored: (object) => renamed(object, fromCore, 'events.k8s.io/v1'),
}

/** The one metric that `autoscaling/v1` can express. */
function cpuMetric(metrics: readonly MetricSpec[] | undefined): MetricSpec | undefined {
  return metrics?.find(
    ({ type, resource }) =>
      type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined,
  )
}

/** Where `autoscaling/v1` carries what it has no fields for, so that a write through it loses nothing. */
const carriedMetrics = 'autoscaling.alpha.kubernetes.io/metrics'
const carriedBehavior = 'autoscaling.alpha.kubernetes.io/behavior'

const autoscalers: Conversion = {
  version: 'autoscaling/v1 HorizontalPodAutoscaler',
  stored: 'autoscaling/v2',
  toStored(object) {
    const { spec, status, metadata, ...rest } = object as unknown as AutoscalerV1
    const {
      [carriedMetrics]: metricsText,
      [carriedBehavior]: behaviorText,
      ...annotations
    } = metadata?.annotations ?? {}
    const { targetCPUUtilizationPercentage: averageUtilization, ...kept } = spec ?? { maxReplicas: 0 }
    const { currentCPUUtilizationPercentage: _cpu, ...keptStatus } = status ?? {}
    const cpu: MetricSpec[] =
      averageUtilization === undefined
        ? []
        : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }]
    const metrics = [...cpu, ...((parsed(metricsText) as MetricSpec[] | undefined) ?? [])]
    const behavior = parsed(behaviorText)
    return {
      ...rest,
      apiVersion: 'autoscaling/v2',
      metadata: withAnnotations(metadata, annotations),
      spec: { ...kept, ...(metrics.length === 0 ? {} : { metrics }), ...(behavior === undefined ? {} : { behavior }) },
      ...(status === undefined ? {} : { status: keptStatus }),
    }
  },
  fromStored(object) {
    const { spec, status, metadata, ...rest } = object as unknown as AutoscalerV2
    const { metrics, behavior, ...kept } = spec ?? { maxReplicas: 0 }
    const cpu = cpuMetric(metrics)
    const others = (metrics ?? []).filter((metric) => metric !== cpu)
    const { conditions: _conditions, currentMetrics, ...keptStatus } = status ?? {}
    const current = currentMetrics?.find(({ resource }) => resource?.name === 'cpu')?.resource?.current
    const utilization = current?.averageUtilization
    return {
      ...rest,
      apiVersion: 'autoscaling/v1',
      metadata: withAnnotations(metadata, {
        ...metadata?.annotations,
        ...(others.length === 0 ? {} : { [carriedMetrics]: JSON.stringify(others) }),
        ...(behavior === undefined ? {} : { [carriedBehavior]: JSON.stringify(behavior) }),
      }),
      spec: {
        ...kept,
        ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu.resource?.target.averageUtilization }),
      },
      ...(status === undefined
        ? {}
        : {
            status: {
              ...keptStatus,
              ...(utilization === undefined ? {} : { currentCPUUtilizationPercentage: utilization }),
            },
          }),
    }
  },
}

function withAnnotations(
  metadata: DynamicObject['metadata'],
  annotations: Record<string, string>,
): NonNullable<DynamicObject['metadata']> {
  const { annotations: _annotations, ...rest } = metadata ?? {}
  return Object.keys(annotations).length === 0 ? rest : { ...rest, annotations }
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // The annotation is the client's; what cannot be read says nothing.
    return undefined
  }
}

const deviceVersions = Object.values(flatForms).map(({ kind, toV1, fromV1 }): Conversion => ({
  version: `resource.k8s.io/v1beta1 ${kind}`,
  stored: 'resource.k8s.io/v1',
  toStored: toV1,
  fromStored: fromV1,
}))

export const conversions: readonly Conversion[] = [events, autoscalers, ...deviceVersions]
