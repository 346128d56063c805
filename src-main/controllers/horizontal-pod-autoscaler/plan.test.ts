import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Scale } from '../../api/types/autoscaling-v1.ts'
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricSpec,
} from '../../api/types/autoscaling-v2.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { PodMetrics } from '../../api/types/metrics-v1beta1.ts'
import { aPod, ago, nowMs } from '../test-objects.ts'
import { applyBehavior, noHistory, withScaleEvent, type BehaviorInput } from './behavior.ts'
import type { Reading } from './custom-metrics.ts'
import { planAutoscaler, type AutoscalerObserved } from './plan.ts'
import { replicasForUsage } from './replicas-for-usage.ts'

const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})
const anAutoscaler = (spec: Partial<HorizontalPodAutoscalerSpec> = {}): Live<HorizontalPodAutoscaler> => ({
  metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: ago(999) },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 10,
    metrics: [cpu(50)],
    ...spec,
  },
})
const aScale = (replicas: number, selector = 'app=web'): Scale => ({
  spec: { replicas },
  status: { replicas, selector },
})
const resources = { requests: { cpu: '100m', memory: '100Mi' } }
const running = (name: string): Live<Pod> =>
  aPod(name, {
    readyFor: 900,
    status: { phase: 'Running', startTime: ago(1000) },
    spec: { containers: [{ name: 'web', resources }] },
  })
const used = (name: string, milliCpu: number, container = 'web'): PodMetrics => ({
  metadata: { name, namespace: 'default' },
  timestamp: ago(5),
  window: '15s',
  containers: [{ name: container, usage: { cpu: `${milliCpu}m`, memory: '50Mi' } }],
})
const plan = (loads: number[], rest: Partial<AutoscalerObserved> = {}) => {
  const pods = loads.map((_, index) => running(`p${index}`))
  const metrics = loads.map((load, index) => used(`p${index}`, load))
  const scale = aScale(loads.length)
  const base = { autoscaler: anAutoscaler(), scale, pods, metrics, rivals: [], history: noHistory, nowMs }
  return planAutoscaler({ ...base, ...rest })
}
const conditionsOf = ({ status }: ReturnType<typeof plan>) =>
  Object.fromEntries((status.conditions ?? []).map((one) => [one.type, `${one.status} ${one.reason}`]))

describe('the autoscaler', () => {
  it('takes as many replicas as bring usage to its target', () => {
    const grown = plan([100, 100])
    expect(grown.rescale).toEqual({
      replicas: 4,
      reason: 'cpu resource utilization (percentage of request) above target',
    })
    expect(grown.status).toMatchObject({
      desiredReplicas: 4,
      currentReplicas: 2,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } } },
      ],
    })
    expect(conditionsOf(grown)).toEqual({
      AbleToScale: 'True ReadyForNewScale',
      ScalingActive: 'True ValidMetricFound',
      ScalingLimited: 'False DesiredWithinRange',
    })
  })

  it.each([
    ['within a tenth of its target it changes nothing', [54, 54], undefined],
    ['below, it takes some away', [10, 10, 10, 10], 1],
    ['never more than its maximum', [100, 100, 100, 100, 100, 100, 100, 100], 10],
  ])('%s', (_what, loads, expected) => {
    expect(plan(loads).rescale?.replicas).toBe(expected)
  })

  it('follows a tolerance of its own', () => {
    const behavior = { scaleUp: { tolerance: '10m' } }
    expect(plan([54, 54], { autoscaler: anAutoscaler({ behavior }) }).rescale?.replicas).toBe(3)
  })

  it('goes by the metric that asks for most, and by averages and single containers as well', () => {
    const memory = {
      type: 'Resource',
      resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '10Mi' } },
    }
    const sidecar = {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'web', target: { type: 'Utilization', averageUtilization: 50 } },
    }
    const both = plan([50], { autoscaler: anAutoscaler({ metrics: [cpu(50), memory, sidecar] }) })
    expect(both.rescale).toMatchObject({ replicas: 4, reason: 'memory resource above target' })
    expect(both.status.currentMetrics).toHaveLength(3)
    expect(both.status.currentMetrics?.[1]?.resource?.current).toEqual({ averageValue: '50Mi' })
  })

  it('compares with what pods ask for as a whole, where they say so', () => {
    const asking = (name: string) =>
      aPod(name, {
        readyFor: 900,
        status: { phase: 'Running', startTime: ago(1000) },
        spec: { containers: [{ name: 'web' }], resources: { requests: { cpu: '200m' } } },
      })
    const result = plan([100, 100], { pods: [asking('p0'), asking('p1')] })
    expect(result.status.currentMetrics?.[0]?.resource?.current.averageUtilization).toBe(50)
  })

  it('says which pod has no such container', () => {
    const containerResource = {
      name: 'cpu',
      container: 'side',
      target: { type: 'Utilization', averageUtilization: 50 },
    }
    const autoscaler = anAutoscaler({ metrics: [{ type: 'ContainerResource', containerResource }] })
    expect(plan([50], { autoscaler }).events[0]).toEqual({
      ...{ type: 'Warning', reason: 'FailedGetContainerResourceMetric' },
      message:
        'failed to get cpu utilization: unable to get metrics for resource cpu: failed to get container metrics: container side not present in metrics for pod default/p0',
    })
  })

  const metric = { name: 'queue' }
  const asTarget = (value: string) => ({ type: 'Value', value })
  const perPod = (averageValue: string) => ({ type: 'AverageValue', averageValue })
  const describedObject = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' }
  const failure = (message: string): Reading => ({ type: 'failure', message })
  const custom = (spec: MetricSpec, reading: Reading, size = 2) =>
    plan(Array<number>(size).fill(50), { autoscaler: anAutoscaler({ metrics: [spec] }), readings: [reading] })

  it.each<[string, MetricSpec, string, string]>([
    ['pods', { type: 'Pods', pods: { metric, target: perPod('10') } }, 'FailedGetPodsMetric', 'pods metric value: '],
    [
      'an object',
      { type: 'Object', object: { metric, describedObject, target: asTarget('10') } },
      'FailedGetObjectMetric',
      'object metric value: ',
    ],
    [
      'an object, shared by pods',
      { type: 'Object', object: { metric, describedObject, target: perPod('10') } },
      'FailedGetObjectMetric',
      'object metric value: failed to get queue object metric: ',
    ],
    [
      'others',
      { type: 'External', external: { metric, target: asTarget('10') } },
      'FailedGetExternalMetric',
      'queue external metric value: failed to get external metric queue: ',
    ],
    [
      'others, shared by pods',
      { type: 'External', external: { metric, target: perPod('10') } },
      'FailedGetExternalMetric',
      'queue external metric value: failed to get queue external metric: ',
    ],
  ])('says why a metric of %s cannot be read', (_source, spec, reason, attempt) => {
    const failed = custom(spec, failure('nobody serves it'))
    expect(conditionsOf(failed).ScalingActive).toBe(`False ${reason}`)
    expect(failed.events).toEqual([
      { type: 'Warning', reason, message: 'nobody serves it' },
      {
        ...{ type: 'Warning', reason: 'FailedComputeMetricsReplicas' },
        message: `invalid metrics (1 invalid out of 1), first error is: failed to get ${attempt}nobody serves it`,
      },
    ])
  })

  it.each<[string, MetricSpec, string, string, string]>([
    [
      'a resource',
      cpu(50),
      'FailedGetResourceMetric',
      'failed to get cpu utilization: unable to get metrics for resource cpu: gone',
      'failed to get cpu resource metric value: ',
    ],
    [
      'a resource of a container',
      {
        type: 'ContainerResource',
        containerResource: { name: 'memory', container: 'web', target: perPod('10Mi') },
      },
      'FailedGetContainerResourceMetric',
      'failed to get memory usage: unable to get metrics for resource memory: gone',
      'failed to get web container metric value: ',
    ],
  ])('says why %s was not measured, and keeps what it wished for', (_what, spec, reason, message, attempt) => {
    const autoscaler = { ...anAutoscaler({ metrics: [spec] }), status: { desiredReplicas: 7 } }
    const failed = plan([50, 50], { autoscaler, metricsError: 'gone' })
    const words = `invalid metrics (1 invalid out of 1), first error is: ${attempt}${message}`
    expect(failed.events).toEqual([
      { type: 'Warning', reason, message },
      { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: words },
    ])
    expect(failed.status).toMatchObject({ desiredReplicas: 7, currentReplicas: 2, currentMetrics: [{ type: '' }] })
    expect(failed.status.conditions).toContainEqual(
      expect.objectContaining({ message: `the HPA was unable to compute the replica count: ${message}` }),
    )
  })

  const usages = (...loads: number[]): Reading => ({
    type: 'pods',
    usages: new Map(loads.map((milli, index) => [`p${index}`, { atMs: nowMs, windowMs: 60_000, milli }])),
  })
  const amountOf = (milli: number): Reading => ({ type: 'amount', milli })
  it.each<[string, MetricSpec, Reading, number | undefined, string, object]>([
    [
      'an average over the pods',
      { type: 'Pods', pods: { metric, target: perPod('10') } },
      usages(30_000, 10_000),
      4,
      'pods metric queue above target',
      { type: 'Pods', pods: { metric, current: { averageValue: '20' } } },
    ],
    [
      'the value of an object, by its relation to the target',
      { type: 'Object', object: { metric, describedObject, target: asTarget('10') } },
      amountOf(18_000),
      4,
      'Ingress metric queue above target',
      { type: 'Object', object: { metric, describedObject, current: { value: '18' } } },
    ],
    [
      'the value of an object, shared by the pods',
      { type: 'Object', object: { metric, describedObject, target: perPod('10') } },
      amountOf(35_000),
      4,
      'external metric queue(nil) above target',
      { type: 'Object', object: { metric, describedObject, current: { averageValue: '17500m' } } },
    ],
    [
      'an external value',
      { type: 'External', external: { metric, target: asTarget('10') } },
      amountOf(20_000),
      4,
      'external metric queue(nil) above target',
      { type: 'External', external: { metric, current: { value: '20' } } },
    ],
    [
      'an external value of some labels, shared by the pods',
      {
        type: 'External',
        external: { metric: { ...metric, selector: { matchLabels: { of: 'a' } } }, target: perPod('10') },
      },
      amountOf(40_000),
      4,
      'external metric queue(&LabelSelector{MatchLabels:map[string]string{of: a,},MatchExpressions:[]LabelSelectorRequirement{},}) above target',
      { type: 'External', external: { current: { averageValue: '20' } } },
    ],
    [
      'what is within a tenth of its target, which changes nothing',
      { type: 'External', external: { metric, target: perPod('10') } },
      amountOf(21_000),
      undefined,
      '',
      { type: 'External', external: { metric, current: { averageValue: '10500m' } } },
    ],
  ])('follows %s', (_what, spec, reading, replicas, reason, status) => {
    const result = custom(spec, reading)
    expect(result.rescale).toEqual(replicas === undefined ? undefined : { replicas, reason })
    expect(result.status.currentMetrics).toMatchObject([status])
  })

  it('goes by the metrics of others although the kubelets tell nothing', () => {
    const autoscaler = anAutoscaler({ metrics: [{ type: 'External', external: { metric, target: perPod('10') } }] })
    const result = plan([1, 1], { autoscaler, readings: [amountOf(40_000)], metrics: [], metricsError: 'gone' })
    expect(result.rescale?.replicas).toBe(4)
  })

  it('takes nothing away while one of its metrics is unknown, but adds', () => {
    const external = { type: 'External', external: { metric, target: perPod('10') } }
    const rest = { autoscaler: anAutoscaler({ metrics: [cpu(50), external] }), readings: [undefined, failure('gone')] }
    expect(plan([1, 1], rest).rescale).toBeUndefined()
    const grown = plan([100, 100], rest)
    expect(grown.rescale?.replicas).toBe(4)
    expect(grown.events).toEqual([{ type: 'Warning', reason: 'FailedGetExternalMetric', message: 'gone' }])
    expect(grown.status.currentMetrics?.map(({ type }) => type)).toEqual(['Resource', ''])
  })

  it.each<[string, Partial<AutoscalerObserved>, string, number | undefined]>([
    ['a target of zero replicas is left alone', { scale: aScale(0) }, 'False ScalingDisabled', undefined],
    ['a target without a selector', { scale: aScale(2, '') }, 'False InvalidSelector', undefined],
    ['a target that another one scales', { rivals: ['other'] }, 'False AmbiguousSelector', undefined],
    ['a target with a selector that is none', { selectorProblem: 'broken' }, 'False InvalidSelector', undefined],
    ['a target above the maximum', { scale: aScale(12) }, 'undefined', 10],
    ['one without a selector as well', { scale: aScale(12, '') }, 'undefined', 10],
    ['no pods', { pods: [] }, 'False FailedGetResourceMetric', undefined],
    ['pods that ask for no CPU', { pods: [aPod('p0', { readyFor: 900 })] }, 'False FailedGetResourceMetric', undefined],
    ['no metrics at all', { metrics: [] }, 'False FailedGetResourceMetric', undefined],
    ['metrics that cannot be read', { metricsError: 'gone' }, 'False FailedGetResourceMetric', undefined],
  ])('%s', (_what, rest, active, replicas) => {
    const result = plan([50, 50], rest)
    expect(String(conditionsOf(result).ScalingActive)).toBe(active)
    expect(result.rescale?.replicas).toBe(replicas)
  })

  it.each<[string, Partial<AutoscalerObserved>, string, string]>([
    ['without a selector', { scale: aScale(2, '') }, 'SelectorRequired', 'selector is required'],
    ['whose selector is none', { selectorProblem: 'broken' }, 'InvalidSelector', 'broken'],
    [
      'whose pods others scale, too',
      { rivals: ['default/other'] },
      'AmbiguousSelector',
      'pods by selector app=web are controlled by multiple HPAs: [default/other default/web]',
    ],
  ])('tells twice of a target %s', (_what, rest, reason, message) => {
    expect(plan([50, 50], rest).events).toEqual([
      { type: 'Warning', reason, message },
      { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message },
    ])
  })

  it('raises a target that is below its minimum', () => {
    const result = plan([50], { autoscaler: anAutoscaler({ minReplicas: 3 }) })
    expect(result.rescale).toEqual({ replicas: 3, reason: 'Current number of replicas below Spec.MinReplicas' })
  })
})

describe('replicas for a usage', () => {
  const usage = (...loads: number[]) =>
    new Map(loads.map((milli, index) => [`p${index}`, { atMs: nowMs, windowMs: 15_000, milli }]))
  const requests = new Map(Array.from({ length: 9 }, (_, index) => [`p${index}`, 100]))
  const none = new Set<string>()
  const target = { utilization: 50, tolerance: { up: 0.1, down: 0.1 } }
  it.each([
    ['all measured', 2, usage(100, 100), none, none, 4],
    ['one unmeasured, too little use: it may use all that it asks for', 3, usage(10, 10), none, new Set(['p2']), 3],
    ['one unmeasured, too much use: it may use nothing', 3, usage(100, 100), none, new Set(['p2']), 4],
    ['one starting, too much use: it may use nothing', 3, usage(100, 100), new Set(['p2']), none, 4],
    ['one starting, too little use: it does not count', 3, usage(20, 20), new Set(['p2']), none, 1],
  ])('%s', (_what, current, ready, unready, missing, expected) => {
    expect(replicasForUsage(current, { ready, unready, missing }, requests, target).replicas).toBe(expected)
  })
})

describe('the behaviour of an autoscaler', () => {
  const decide = (rest: Partial<BehaviorInput>) =>
    applyBehavior({
      ...{ current: 4, wanted: 4, minReplicas: 1, maxReplicas: 100, behavior: {}, history: noHistory, nowMs },
      ...rest,
    })
  const secondsAgo = (seconds: number) => nowMs - seconds * 1000

  it.each<[string, Partial<BehaviorInput>, number, string]>([
    ['doubles in a quarter of a minute at most', { wanted: 50 }, 8, 'ScaleUpLimit'],
    ['or grows by four', { current: 1, wanted: 50 }, 5, 'ScaleUpLimit'],
    ['shrinks at once to its minimum', { wanted: 0 }, 1, 'TooFewReplicas'],
    ['stops at its maximum', { wanted: 50, maxReplicas: 6 }, 6, 'TooManyReplicas'],
    [
      'follows the policy that allows least when told so',
      {
        wanted: 50,
        behavior: {
          scaleUp: {
            selectPolicy: 'Min',
            policies: [
              { type: 'Pods', value: 2, periodSeconds: 60 },
              { type: 'Percent', value: 100, periodSeconds: 60 },
            ],
          },
        },
      },
      6,
      'ScaleUpLimit',
    ],
    [
      'does not shrink when that is disabled',
      { wanted: 1, behavior: { scaleDown: { selectPolicy: 'Disabled' } } },
      4,
      'ScaleDownLimit',
    ],
    [
      'counts what it did in the period of a policy',
      {
        current: 6,
        wanted: 50,
        behavior: { scaleUp: { policies: [{ type: 'Pods', value: 4, periodSeconds: 60 }] } },
        history: { ...noHistory, ups: [{ atMs: secondsAgo(30), change: 2 }] },
      },
      8,
      'ScaleUpLimit',
    ],
  ])('%s', (_what, rest, replicas, reason) => {
    const verdict = decide(rest)
    expect([verdict.replicas, verdict.limited.reason]).toEqual([replicas, reason])
  })

  it.each<[string, Partial<BehaviorInput>, number, string]>([
    ['doubles', { wanted: 50 }, 8, 'True ScaleUpLimit'],
    ['or comes to four', { current: 1, wanted: 50 }, 4, 'True ScaleUpLimit'],
    ['but not beyond its maximum', { current: 1, wanted: 50, maxReplicas: 4 }, 4, 'True TooManyReplicas'],
    ['shrinks at once to its minimum', { wanted: 0 }, 1, 'True TooFewReplicas'],
    ['goes where it is wanted', { wanted: 6 }, 6, 'False DesiredWithinRange'],
    [
      'to the highest wish of the last five minutes',
      { wanted: 2, history: { ...noHistory, recommendations: [{ atMs: secondsAgo(299), replicas: 7 }] } },
      7,
      'False DesiredWithinRange',
    ],
    [
      'that is not older',
      { wanted: 2, history: { ...noHistory, recommendations: [{ atMs: secondsAgo(301), replicas: 7 }] } },
      2,
      'False DesiredWithinRange',
    ],
  ])('without any, %s', (_what, rest, replicas, reason) => {
    const verdict = decide({ behavior: undefined, ...rest })
    expect([verdict.replicas, `${verdict.limited.status} ${verdict.limited.reason}`]).toEqual([replicas, reason])
  })

  it('shrinks only to the highest wish of the last five minutes', () => {
    const recommendations = [
      { atMs: secondsAgo(400), replicas: 9 },
      { atMs: secondsAgo(100), replicas: 3 },
    ]
    const verdict = decide({ wanted: 1, history: { ...noHistory, recommendations } })
    expect(verdict).toMatchObject({ replicas: 3, able: { reason: 'ScaleDownStabilized' } })
    expect(verdict.history.recommendations.map(({ replicas }) => replicas)).toEqual([3, 1])
  })

  it('grows only to the lowest wish of its window', () => {
    const behavior = { scaleUp: { stabilizationWindowSeconds: 60 } }
    const recommendations = [{ atMs: secondsAgo(30), replicas: 5 }]
    const verdict = decide({ wanted: 8, behavior, history: { ...noHistory, recommendations } })
    expect(verdict).toMatchObject({ replicas: 5, able: { reason: 'ScaleUpStabilized' } })
  })

  it('remembers changes for an hour', () => {
    const old = { ...noHistory, downs: [{ atMs: secondsAgo(4000), change: 1 }] }
    expect(withScaleEvent(old, 4, 2, nowMs)).toEqual({ ...noHistory, downs: [{ atMs: nowMs, change: 2 }] })
  })
})
