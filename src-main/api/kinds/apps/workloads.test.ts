import { describe, expect, it } from 'vitest'
import { creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { Kind } from '../../define-kind.ts'
import { replicationController } from '../core/replication-controller.ts'
import { controllerRevision } from './controller-revision.ts'
import { daemonSet } from './daemon-set.ts'
import { deployment } from './deployment.ts'
import { replicaSet } from './replica-set.ts'
import { statefulSet } from './stateful-set.ts'

const labels = { app: 'web' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }
const aWorkload = { metadata: { name: 'web' }, spec: { replicas: 1, selector: { matchLabels: labels }, template } }
const aController = { metadata: { name: 'web' }, spec: { replicas: 1, selector: labels, template } }
const causes = (kind: unknown, base: object, changes: Changes): string[] =>
  creationCauses(kind as Kind, structuredClone(base), changes)
const changed = (kind: unknown, base: object, changes: Changes, subresource = ''): string[] =>
  updateCauses(kind as Kind, structuredClone(base), changes, subresource)

const withSelector = [
  ['Deployment', deployment, 'deployment', 'ReplicaSet'],
  ['ReplicaSet', replicaSet, 'deployment', 'ReplicaSet'],
  ['StatefulSet', statefulSet, 'statefulset', 'StatefulSet'],
  ['DaemonSet', daemonSet, 'daemonset', 'DaemonSet'],
] as const
const mismatch = '`selector` does not match template `labels`'

describe.each(withSelector)('a %s', (name, kind, selectorOf, templateOf) => {
  it.each<[Changes, string[]]>([
    [{}, []],
    [
      { 'spec.selector': undefined },
      [
        // Of a daemon set none is one that selects nothing.
        ...(name === 'DaemonSet' ? [] : ['spec.selector: Required value']),
        `spec.template.metadata.labels: Invalid value: {"app":"web"}: ${mismatch}`,
      ],
    ],
    [{ 'spec.selector': {} }, [`spec.selector: Invalid value: {}: empty selector is invalid for ${selectorOf}`]],
    [
      { 'spec.template.metadata.labels.app': 'db' },
      [`spec.template.metadata.labels: Invalid value: {"app":"db"}: ${mismatch}`],
    ],
    [
      { 'spec.template': undefined },
      [
        `spec.template.metadata.labels: Invalid value: null: ${mismatch}`,
        'spec.template.spec.containers: Required value',
      ],
    ],
    [
      { 'spec.template.spec.restartPolicy': 'Never', 'spec.template.spec.activeDeadlineSeconds': 5 },
      [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
        `spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ${templateOf} is not Supported`,
      ],
    ],
    [{ 'spec.minReadySeconds': -1 }, ['spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0']],
  ])('with %j', (changes, expected) => expect(causes(kind, aWorkload, changes)).toEqual(expected))

  it('keeps its selector', () => {
    const [first] = changed(kind, aWorkload, { 'spec.selector.matchLabels': { app: 'web', a: 'b' } }).slice(-1)
    expect(first).toMatch(
      name === 'StatefulSet'
        ? /^spec: Forbidden: updates to statefulset spec/
        : /^spec.selector: .*field is immutable$/,
    )
  })
})

const negative = 'must be greater than or equal to 0'
const share =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

it.each<[string, unknown, object, Changes, string[]]>([
  ['Deployment', deployment, aWorkload, { 'spec.replicas': -1 }, [`spec.replicas: Invalid value: -1: ${negative}`]],
  [
    'Deployment',
    deployment,
    aWorkload,
    { 'spec.strategy': { type: 'Recreate', rollingUpdate: {} } },
    ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  ],
  [
    'Deployment',
    deployment,
    aWorkload,
    { 'spec.strategy': { type: 'Odd' } },
    ['spec.strategy: Unsupported value: {"type":"Odd"}: supported values: "Recreate", "RollingUpdate"'],
  ],
  [
    'Deployment',
    deployment,
    aWorkload,
    { 'spec.strategy.rollingUpdate': { maxSurge: 0, maxUnavailable: '0%' } },
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
  ],
  [
    'Deployment',
    deployment,
    aWorkload,
    { 'spec.strategy.rollingUpdate': { maxSurge: 'x', maxUnavailable: '101%' } },
    [
      `spec.strategy.rollingUpdate.maxSurge: Invalid value: "x": ${share}`,
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  [
    'Deployment',
    deployment,
    aWorkload,
    { 'spec.progressDeadlineSeconds': 5, 'spec.minReadySeconds': 5, 'spec.revisionHistoryLimit': -1 },
    [
      `spec.revisionHistoryLimit: Invalid value: -1: ${negative}`,
      'spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds',
    ],
  ],
  [
    'DaemonSet',
    daemonSet,
    aWorkload,
    { 'spec.updateStrategy': { type: 'Odd' } },
    ['spec.updateStrategy: Unsupported value: {"type":"Odd"}: supported values: "RollingUpdate", "OnDelete"'],
  ],
  [
    'DaemonSet',
    daemonSet,
    aWorkload,
    { 'spec.updateStrategy.rollingUpdate': { maxUnavailable: 0 } },
    ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
  ],
  [
    'DaemonSet',
    daemonSet,
    aWorkload,
    { 'spec.updateStrategy.rollingUpdate': { maxSurge: 1, maxUnavailable: 1 } },
    ['spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
  ],
  [
    'StatefulSet',
    statefulSet,
    aWorkload,
    { 'spec.podManagementPolicy': 'Odd', 'spec.persistentVolumeClaimRetentionPolicy.whenScaled': 'Keep' },
    [
      `spec.podManagementPolicy: Invalid value: "Odd": must be 'OrderedReady' or 'Parallel'`,
      'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"',
    ],
  ],
  [
    'StatefulSet',
    statefulSet,
    aWorkload,
    { 'spec.updateStrategy': { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
    [
      `spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy 'RollingUpdate'`,
    ],
  ],
  [
    'StatefulSet',
    statefulSet,
    aWorkload,
    { 'spec.updateStrategy.rollingUpdate': { partition: -1, maxUnavailable: 0 } },
    [
      `spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: ${negative}`,
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
    ],
  ],
  [
    'StatefulSet',
    statefulSet,
    aWorkload,
    { 'metadata.name': 'a.b' },
    ['metadata.name: Invalid value: "a.b": must not contain dots'],
  ],
  [
    'ReplicationController',
    replicationController,
    aController,
    { 'spec.selector': { app: 'db' } },
    [`spec.template.metadata.labels: Invalid value: {"app":"web"}: ${mismatch}`],
  ],
  [
    'ReplicationController',
    replicationController,
    aController,
    { 'spec.template.spec.restartPolicy': 'OnFailure', 'spec.template.spec.activeDeadlineSeconds': 1 },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  ],
  [
    'ReplicationController',
    replicationController,
    aController,
    { 'spec.template': undefined, 'spec.selector': undefined },
    ['spec.selector: Required value', 'spec.template: Required value'],
  ],
  [
    'ControllerRevision',
    controllerRevision,
    { metadata: { name: 'a' } },
    { revision: -1 },
    ['data: Required value: data is mandatory', `revision: Invalid value: -1: ${negative}`],
  ],
])('a %s: %#', (_kind, kind, base, changes, expected) => expect(causes(kind, base, changes)).toEqual(expected))

it.each<[string, unknown, object, string[]]>([
  [
    'Deployment',
    deployment,
    { replicas: 1, readyReplicas: 2 },
    ['status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas'],
  ],
  [
    'StatefulSet',
    statefulSet,
    { replicas: 1, availableReplicas: 1 },
    ['status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas'],
  ],
  [
    'ReplicaSet',
    replicaSet,
    { replicas: -1 },
    [
      `status.replicas: Invalid value: -1: ${negative}`,
      'status.fullyLabeledReplicas: Invalid value: 0: cannot be greater than replicas',
      'status.readyReplicas: Invalid value: 0: cannot be greater than replicas',
      'status.availableReplicas: Invalid value: 0: cannot be greater than replicas',
    ],
  ],
  ['DaemonSet', daemonSet, { numberReady: -1 }, [`status.numberReady: Invalid value: -1: ${negative}`]],
])('the status of a %s has counts that fit each other', (_kind, kind, status, expected) => {
  expect(changed(kind, aWorkload, { status }, 'status')).toEqual(expected)
})
