import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Deployment, DeploymentStrategy, ReplicaSet } from '../../api/types/apps-v1.ts'
import { aDeployment, aReplicaSet, aTemplate, ago, nowMs } from '../test-objects.ts'
import { revisionOf } from './annotations.ts'
import { rolloutLimits } from './limits.ts'
import { planDeployment, type DeploymentPlan } from './plan.ts'

const rolling = (maxSurge: number | string, maxUnavailable: number | string): DeploymentStrategy => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge, maxUnavailable },
})
const plan = (deployment: Live<Deployment>, replicaSets: Live<ReplicaSet>[] = [], oldPodsRun = false) =>
  planDeployment({ deployment, replicaSets, oldPodsRun, nowMs })
const sizes = ({ changes }: DeploymentPlan) =>
  Object.fromEntries(
    changes.flatMap(({ replicaSet, resize }) => (resize ? [[replicaSet.metadata.name, resize.to]] : [])),
  )

/** All replicas up and available. */
const healthy = (replicas: number) => ({ replicas, readyReplicas: replicas, availableReplicas: replicas })
const counts = (desired: number, max: number) => ({
  'deployment.kubernetes.io/desired-replicas': String(desired),
  'deployment.kubernetes.io/max-replicas': String(max),
})
function member(name: string, replicas: number, image: string, revision: number, available = replicas) {
  return aReplicaSet(name, {
    replicas,
    template: aTemplate(image),
    status: { ...healthy(available), replicas },
    metadata: {
      creationTimestamp: ago(1000 - revision),
      annotations: { 'deployment.kubernetes.io/revision': String(revision), ...counts(3, 4) },
    },
  })
}

describe('the limits of a rolling update', () => {
  it.each([
    [10, '25%', '25%', { maxSurge: 3, maxUnavailable: 2 }],
    [3, '25%', '25%', { maxSurge: 1, maxUnavailable: 0 }],
    [1, '0%', '10%', { maxSurge: 0, maxUnavailable: 1 }],
    [4, 2, 1, { maxSurge: 2, maxUnavailable: 1 }],
    [2, 0, 9, { maxSurge: 0, maxUnavailable: 2 }],
  ])('of %i replicas with surge %s and unavailable %s', (replicas, surge, unavailable, expected) => {
    expect(rolloutLimits(aDeployment({ replicas, strategy: rolling(surge, unavailable) }))).toEqual(expected)
  })
})

describe('the Deployment plan', () => {
  it('makes a ReplicaSet named by the template, with all replicas and revision 1', () => {
    const { create, revision, status } = plan(aDeployment())
    const hash = create?.metadata?.labels?.['pod-template-hash']
    expect(create).toMatchObject({
      metadata: {
        name: `web-${hash}`,
        annotations: { 'deployment.kubernetes.io/revision': '1', ...counts(3, 4) },
        ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true, blockOwnerDeletion: true }],
      },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } },
        template: { metadata: { labels: { app: 'web', 'pod-template-hash': hash } } },
      },
    })
    expect(revision).toBe('1')
    expect(status.conditions).toMatchObject([
      { type: 'Available', status: 'False' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated' },
    ])
  })

  it('gives another name after a collision', () => {
    const first = plan(aDeployment()).create?.metadata?.name
    expect(plan(aDeployment({}, { status: { collisionCount: 1 } })).create?.metadata?.name).not.toBe(first)
  })

  it('surges first, and takes away old replicas only as new ones become available', () => {
    const deployment = aDeployment({ template: aTemplate('web:2'), strategy: rolling(1, 0) })
    const old = member('old', 3, 'web:1', 1)
    expect(plan(deployment, [old]).create?.spec?.replicas).toBe(1)
    expect(sizes(plan(deployment, [old, member('new', 1, 'web:2', 2, 0)]))).toEqual({})
    expect(sizes(plan(deployment, [old, member('new', 1, 'web:2', 2)]))).toEqual({ old: 2 })
    expect(sizes(plan(deployment, [member('old', 2, 'web:1', 1), member('new', 1, 'web:2', 2)]))).toEqual({ new: 2 })
  })

  it('never trusts availability that is older than a smaller size', () => {
    const deployment = aDeployment({ template: aTemplate('web:2'), strategy: rolling(1, 0) })
    const shrunk = member('old', 2, 'web:1', 1, 3)
    expect(sizes(plan(deployment, [shrunk, member('new', 2, 'web:2', 2, 1)]))).toEqual({})
  })

  it('takes broken old replicas away first', () => {
    const deployment = aDeployment({ template: aTemplate('web:3'), strategy: rolling(1, 1) })
    const all = [member('good', 2, 'web:1', 1), member('broken', 1, 'web:2', 2, 0), member('new', 1, 'web:3', 3, 0)]
    expect(sizes(plan(deployment, all))).toEqual({ broken: 0 })
  })

  it('with Recreate, starts new pods only when no old one runs', () => {
    const deployment = aDeployment({ template: aTemplate('web:2'), strategy: { type: 'Recreate' } })
    expect(sizes(plan(deployment, [member('old', 3, 'web:1', 1)], true))).toEqual({ old: 0 })
    expect(plan(deployment, [member('old', 0, 'web:1', 1)], true).create).toBeUndefined()
    expect(plan(deployment, [member('old', 0, 'web:1', 1)]).create?.spec?.replicas).toBe(3)
  })

  it('gives an old template that is wanted again the next revision and keeps its history', () => {
    const { changes, revision, create } = plan(aDeployment(), [member('a', 0, 'web:1', 1), member('b', 3, 'web:2', 2)])
    expect(create).toBeUndefined()
    expect(revision).toBe('3')
    expect(changes.find(({ replicaSet }) => replicaSet.metadata.name === 'a')?.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    })
  })

  it('shares a new count among the ReplicaSets in the middle of a rollout', () => {
    const deployment = aDeployment({ replicas: 15, template: aTemplate('web:2'), strategy: rolling(3, 2) })
    const annotations = { 'deployment.kubernetes.io/revision': '1', ...counts(10, 13) }
    const old = aReplicaSet('old', { replicas: 8, status: healthy(8), metadata: { annotations } })
    const recent = aReplicaSet('new', {
      replicas: 5,
      template: aTemplate('web:2'),
      status: healthy(0),
      metadata: {
        annotations: { ...annotations, 'deployment.kubernetes.io/revision': '2' },
        creationTimestamp: ago(5),
      },
    })
    expect(sizes(plan(deployment, [old, recent]))).toEqual({ old: 11, new: 7 })
  })

  it('when paused, scales but does not roll out', () => {
    const old = member('old', 3, 'web:1', 1)
    const paused = aDeployment({ paused: true, template: aTemplate('web:2'), replicas: 5 })
    const { create, changes, status } = plan(paused, [old])
    expect(create).toBeUndefined()
    expect(changes.map(({ resize }) => resize?.to)).toEqual([5])
    expect(status.conditions).toContainEqual(expect.objectContaining({ reason: 'DeploymentPaused' }))
  })

  it('keeps as many old ReplicaSets as the history limit says, once the rollout is complete', () => {
    const deployment = aDeployment({ template: aTemplate('web:4'), revisionHistoryLimit: 1 })
    const all = [1, 2, 3].map((revision) => member(`r${revision}`, 0, `web:${revision}`, revision))
    const removed = plan(deployment, [...all, member('r4', 3, 'web:4', 4)]).remove
    expect(removed.map(revisionOf)).toEqual([1n, 2n])
    expect(plan(deployment, [...all, member('r4', 3, 'web:4', 4, 2)]).remove).toEqual([])
  })

  it('reports completion, and failure after the progress deadline', () => {
    const complete = plan(aDeployment(), [member('web', 3, 'web:1', 1)]).status
    expect(complete).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3, unavailableReplicas: 0 })
    expect(complete.conditions).toContainEqual(expect.objectContaining({ reason: 'NewReplicaSetAvailable' }))
    const since = { lastUpdateTime: ago(601), lastTransitionTime: ago(601) }
    const conditions = [{ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', ...since }]
    const counted = { replicas: 3, updatedReplicas: 3, observedGeneration: 1, conditions }
    const stuck = plan(aDeployment({}, { status: counted }), [member('web', 3, 'web:1', 1, 0)]).status
    expect(stuck.conditions).toContainEqual(
      expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }),
    )
  })

  it('comes to rest: a status that was written once is the same the next time', () => {
    const first = plan(aDeployment(), [member('web', 3, 'web:1', 1)]).status
    const metadata = { annotations: { 'deployment.kubernetes.io/revision': '1' } }
    const second = plan(aDeployment({}, { metadata, status: first }), [member('web', 3, 'web:1', 1)])
    expect(second).toMatchObject({ create: undefined, changes: [], revision: undefined, status: first })
  })
})
