import { describe, expect, it } from 'vitest'
import { aPod, aReplicaSet, ago, nowMs } from '../test-objects.ts'
import { planReplicaSet, replicaSetStatus } from './plan.ts'

const observed = (replicaSet: ReturnType<typeof aReplicaSet>, pods: ReturnType<typeof aPod>[]) => ({
  replicaSet,
  pods,
  related: pods,
  nowMs,
})
const namesOfRemoved = (...args: Parameters<typeof observed>): string[] =>
  planReplicaSet(observed(...args)).remove.map(({ metadata }) => metadata.name)

describe('the ReplicaSet plan', () => {
  it('creates what is missing, and does not count pods that are ending or have ended', () => {
    const pods = [
      aPod('runs'),
      aPod('going', { metadata: { deletionTimestamp: ago(1) } }),
      aPod('failed', { status: { phase: 'Failed' } }),
    ]
    expect(planReplicaSet(observed(aReplicaSet('web'), pods))).toMatchObject({ create: 2, remove: [] })
  })

  it('creates and deletes at most 500 pods at once', () => {
    const pods = Array.from({ length: 1200 }, (_, index) => aPod(`web-${index}`))
    expect(planReplicaSet(observed(aReplicaSet('web', { replicas: 5000 }), [])).create).toBe(500)
    expect(planReplicaSet(observed(aReplicaSet('web', { replicas: 0 }), pods)).remove).toHaveLength(500)
  })

  it('leaves the pods of a ReplicaSet that is being deleted to the garbage collector', () => {
    const replicaSet = aReplicaSet('web', { metadata: { deletionTimestamp: ago(1) } })
    expect(planReplicaSet(observed(replicaSet, []))).toMatchObject({ create: 0, remove: [] })
  })

  const on = (nodeName: string) => ({ spec: { nodeName } })
  it.each([
    ['unassigned before assigned', aPod('a', { readyFor: 9, ...on('n') }), aPod('b', { readyFor: 9 })],
    ['pending before running', aPod('a', on('n')), aPod('b', { ...on('m'), status: { phase: 'Pending' } })],
    ['not ready before ready', aPod('a', { readyFor: 9, ...on('n') }), aPod('b', on('m'))],
    [
      'cheap before dear',
      aPod('a', { readyFor: 9, ...on('n') }),
      aPod('b', {
        readyFor: 9,
        ...on('m'),
        metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-1' } },
      }),
    ],
    [
      'lately ready before long ready',
      aPod('a', { readyFor: 999, ...on('n') }),
      aPod('b', { readyFor: 9, ...on('m') }),
    ],
    [
      'new before old',
      aPod('a', { readyFor: 9, ...on('n') }),
      aPod('b', { readyFor: 9, ...on('m'), metadata: { creationTimestamp: ago(10) } }),
    ],
  ])('deletes %s', (_rule, stays, goes) => {
    expect(namesOfRemoved(aReplicaSet('web', { replicas: 1 }), [stays, goes])).toEqual(['b'])
  })

  it('thins out the node with the most pods of the same owner', () => {
    const pods = [
      aPod('a', { readyFor: 9, ...on('n') }),
      aPod('b', { readyFor: 9, ...on('m') }),
      aPod('c', { readyFor: 9, ...on('m') }),
    ]
    expect(['b', 'c']).toContain(namesOfRemoved(aReplicaSet('web', { replicas: 2 }), pods)[0])
  })

  it('counts a pod as available only after it was ready for minReadySeconds, and comes back then', () => {
    const replicaSet = aReplicaSet('web', { minReadySeconds: 10, replicas: 2 })
    const all = observed(replicaSet, [aPod('a', { readyFor: 4 }), aPod('b', { readyFor: 20 })])
    expect(replicaSetStatus(all, undefined)).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 1 })
    expect(planReplicaSet(all).requeueAfterMs).toBe(6000)
  })

  it('says why pods could not be created, and takes it back when they could', () => {
    const failure = { reason: 'FailedCreate', message: 'quota' } as const
    const failed = replicaSetStatus(observed(aReplicaSet('web'), []), failure)
    expect(failed.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', ...failure }])
    const again = aReplicaSet('web', { status: failed })
    expect(replicaSetStatus(observed(again, []), undefined).conditions).toBeUndefined()
  })
})
