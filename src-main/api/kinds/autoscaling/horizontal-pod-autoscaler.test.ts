import { describe, expect, it } from 'vitest'
import { created, creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { HorizontalPodAutoscaler } from '../../types/autoscaling-v2.ts'
import { horizontalPodAutoscaler, horizontalPodAutoscalerV1 } from './horizontal-pod-autoscaler.ts'

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const base: HorizontalPodAutoscaler = { metadata: { name: 'web' }, spec: { maxReplicas: 5, scaleTargetRef } }
const metric = (value: object): Changes => ({ 'spec.metrics': [value] })
const first = 'spec.metrics[0]'

describe('a HorizontalPodAutoscaler', () => {
  it.each<[Changes, string[]]>([
    [{}, []],
    [
      { 'spec.minReplicas': 0, 'spec.maxReplicas': 0 },
      [
        'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
        'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      ],
    ],
    [{ 'spec.minReplicas': 6 }, ['spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`']],
    [
      { 'spec.scaleTargetRef': { kind: 'a/b' } },
      [
        'spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain \'/\'',
        'spec.scaleTargetRef.name: Required value',
        'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
      ],
    ],
    [
      metric({ type: 'Odd' }),
      [
        `${first}.type: Unsupported value: "Odd": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
        `${first}.type: Unsupported value: "Odd": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
      ],
    ],
    [
      metric({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }),
      [
        `${first}.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
      ],
    ],
    [
      metric({
        type: 'Resource',
        resource: { name: '', target: { type: 'Odd', averageUtilization: 0, averageValue: '0' } },
      }),
      [
        `${first}.resource.name: Required value: must specify a resource name`,
        `${first}.resource.target.type: Invalid value: "Odd": must be either Utilization, Value, or AverageValue`,
        `${first}.resource.target.averageValue: Invalid value: "0": must be positive`,
        `${first}.resource.target.averageUtilization: Invalid value: 0: must be greater than 0`,
        `${first}.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization`,
      ],
    ],
    [
      metric({ type: 'Pods', pods: { metric: {}, target: { type: 'AverageValue' } } }),
      [
        `${first}.pods.metric.name: Required value: must specify a metric name`,
        `${first}.pods.target.averageValue: Required value: must specify a positive target averageValue`,
      ],
    ],
    [
      metric({
        type: 'External',
        external: { metric: { name: 'q' }, target: { type: 'Value', value: '1', averageValue: '1' } },
        pods: {},
      }),
      [
        `${first}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target`,
        `${first}.pods: Forbidden: must populate the given metric source only`,
      ],
    ],
    [
      {
        'spec.behavior.scaleUp': {
          stabilizationWindowSeconds: 3601,
          selectPolicy: 'Odd',
          policies: [{ type: 'Odd', value: 0, periodSeconds: 1801 }],
        },
        'spec.behavior.scaleDown': { policies: [] },
      },
      [
        'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
        'spec.behavior.scaleUp.selectPolicy: Unsupported value: "Odd": supported values: "Disabled", "Max", "Min"',
        'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Odd": supported values: "Percent", "Pods"',
        'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
        'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
        'spec.behavior.scaleDown.policies: Required value: must specify at least one Policy',
      ],
    ],
  ])('with %j', (changes, causes) => expect(creationCauses(horizontalPodAutoscaler, base, changes)).toEqual(causes))

  it('goes as fast as it does unless told otherwise, in what its behaviour leaves out', () => {
    const spec = { ...base.spec, behavior: { scaleDown: { stabilizationWindowSeconds: 5 } } }
    expect(created(horizontalPodAutoscaler, { ...base, spec }).spec.behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: 5,
        selectPolicy: 'Max',
        policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
      },
    })
    expect(created(horizontalPodAutoscaler, base).spec.behavior).toBeUndefined()
  })

  it.each(['autoscaling/v1', 'v1'])('scales a replication controller, whatever its version %s', (apiVersion) => {
    const changes = { 'spec.scaleTargetRef': { apiVersion, kind: 'ReplicationController', name: 'web' } }
    expect(creationCauses(horizontalPodAutoscaler, base, changes)).toEqual([])
  })

  it('that named no group goes on as it is', () => {
    const spec = { ...base.spec, scaleTargetRef: { kind: 'Deployment', name: 'web' } }
    const bad = ['spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group']
    expect(updateCauses(horizontalPodAutoscaler, { ...base, spec }, { 'spec.maxReplicas': 7 })).toEqual([])
    expect(updateCauses(horizontalPodAutoscaler, base, { 'spec.scaleTargetRef.apiVersion': 'v1' })).toEqual(bad)
  })

  it('asks for metrics by any selector, and looks back no less than not at all', () => {
    const selector = { matchLabels: { '-': '-' } }
    const external = { metric: { name: 'q', selector }, target: { type: 'Value', value: '1' } }
    expect(creationCauses(horizontalPodAutoscaler, base, metric({ type: 'External', external }))).toEqual([])
    const changes = { 'spec.behavior.scaleUp.stabilizationWindowSeconds': -1 }
    expect(creationCauses(horizontalPodAutoscaler, base, changes)).toEqual([
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
    ])
  })

  it('of the old version has a share that is more than nothing', () => {
    const old = { metadata: { name: 'web' }, spec: { maxReplicas: 5, scaleTargetRef } }
    expect(creationCauses(horizontalPodAutoscalerV1, old, { 'spec.targetCPUUtilizationPercentage': 0 })).toEqual([
      `${first}.resource.target.averageUtilization: Invalid value: 0: must be greater than 0`,
    ])
  })
})
