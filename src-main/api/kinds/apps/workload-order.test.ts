/** What is said of workloads, in the order in which Kubernetes says it. */
import { expect, it } from 'vitest'
import { creationCauses, type Changes } from '../../../../test/support/validation.ts'
import type { Kind } from '../../define-kind.ts'
import { replicationController } from '../core/replication-controller.ts'
import { daemonSet } from './daemon-set.ts'
import { deployment } from './deployment.ts'
import { replicaSet } from './replica-set.ts'
import { statefulSet } from './stateful-set.ts'

const labels = { app: 'web' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const base = { metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, template } }
const kinds = { deployment, replicaSet, daemonSet, statefulSet, replicationController }
const negative = 'Invalid value: -1: must be greater than or equal to 0'
const mismatch =
  'spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not match template `labels`'
const all = {
  'spec.replicas': -1,
  'spec.minReadySeconds': -1,
  'spec.revisionHistoryLimit': -1,
  'spec.template.metadata.labels': { app: 'other' },
}
const odd = { matchExpressions: [{ key: 'a', operator: 'Odd' }] }

it.each<[keyof typeof kinds, Changes, string[]]>([
  [
    'deployment',
    { ...all, 'spec.strategy.rollingUpdate': { maxUnavailable: '0%', maxSurge: 0 } },
    [
      `spec.replicas: ${negative}`,
      mismatch,
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
      `spec.minReadySeconds: ${negative}`,
      `spec.revisionHistoryLimit: ${negative}`,
    ],
  ],
  ['replicaSet', all, [`spec.replicas: ${negative}`, `spec.minReadySeconds: ${negative}`, mismatch]],
  ['daemonSet', all, [mismatch, `spec.minReadySeconds: ${negative}`, `spec.revisionHistoryLimit: ${negative}`]],
  [
    'statefulSet',
    { ...all, 'spec.podManagementPolicy': 'Odd', 'spec.persistentVolumeClaimRetentionPolicy.whenScaled': 'Odd' },
    [
      "spec.podManagementPolicy: Invalid value: \"Odd\": must be 'OrderedReady' or 'Parallel'",
      'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Odd": supported values: "Retain", "Delete"',
      `spec.replicas: ${negative}`,
      `spec.minReadySeconds: ${negative}`,
      `spec.revisionHistoryLimit: ${negative}`,
      mismatch,
    ],
  ],
  [
    'replicationController',
    { ...all, 'spec.selector': labels },
    [`spec.minReadySeconds: ${negative}`, `spec.replicas: ${negative}`, mismatch],
  ],
  [
    'deployment',
    { 'spec.selector': odd, 'spec.template.spec.containers': [] },
    [
      'spec.selector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator',
      `spec.selector: Invalid value: ${JSON.stringify(odd)}: invalid label selector`,
    ],
  ],
  [
    'daemonSet',
    { 'spec.selector': undefined },
    ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
  ],
])('%s with %j', (name, changes, causes) => {
  expect(creationCauses(kinds[name] as unknown as Kind, base as never, changes)).toEqual(causes)
})
