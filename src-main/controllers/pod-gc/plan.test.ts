import { describe, expect, it } from 'vitest'
import type { Node } from '../../api/types/core-v1.ts'
import { ago, aPod, nowMs, type PodOptions } from '../test-objects.ts'
import { endedTooMany, fateOf, finalStatus, type Fate } from './plan.ts'

const leaving = { deletionTimestamp: ago(1) }
const on = { nodeName: 'one' }
const aNode = (ready: string, taint?: string): Node => ({
  metadata: { name: 'one' },
  spec: taint === undefined ? {} : { taints: [{ key: taint, effect: 'NoExecute' }] },
  status: { conditions: [{ type: 'Ready', status: ready }] },
})
const outOfService = 'node.kubernetes.io/out-of-service'

describe('a pod', () => {
  it.each<[string, PodOptions, Node | undefined, Fate]>([
    ['that waits for a node', {}, undefined, 'stays'],
    ['that is deleted before it has a node', { metadata: leaving }, undefined, 'unscheduled'],
    ['whose node is gone', { spec: on }, undefined, 'orphaned'],
    ['that has ended on a node that is gone', { spec: on, status: { phase: 'Failed' } }, undefined, 'orphaned'],
    ['on its node', { spec: on }, aNode('True'), 'stays'],
    ['deleted, on a node that may yet answer', { metadata: leaving, spec: on }, aNode('Unknown'), 'stays'],
    ['deleted, on a node that is off', { metadata: leaving, spec: on }, aNode('Unknown', outOfService), 'outOfService'],
    [
      'deleted, on a node that answers after all',
      { metadata: leaving, spec: on },
      aNode('True', outOfService),
      'stays',
    ],
    ['not deleted, on a node that is off', { spec: on }, aNode('Unknown', outOfService), 'stays'],
  ])('%s: its fate', (_case, options, node, fate) => {
    expect(fateOf(aPod('web', options), node)).toBe(fate)
  })

  it('of a node that is gone has failed, for a reason', () => {
    const conditions = [{ type: 'Ready', status: 'True' }]
    const pod = aPod('web', { metadata: { generation: 2 }, spec: on, status: { phase: 'Running', conditions } })
    expect(finalStatus(pod, 'orphaned', nowMs)).toEqual({
      phase: 'Failed',
      observedGeneration: 2,
      conditions: [
        ...conditions,
        {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'DeletionByPodGC',
          message: 'PodGC: node no longer exists',
          observedGeneration: 2,
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    })
  })

  it.each<Fate>(['unscheduled', 'outOfService'])('that is %s has failed, and nothing more', (fate) => {
    expect(finalStatus(aPod('web'), fate, nowMs)).toEqual({ phase: 'Failed' })
  })

  it.each(['Succeeded', 'Failed'])('that has %s goes as it is', (phase) => {
    expect(finalStatus(aPod('web', { status: { phase } }), 'orphaned', nowMs)).toBeUndefined()
  })
})

it('evicted pods go first, then the oldest, then by name', () => {
  const ended = (name: string, seconds: number, status = {}) =>
    aPod(name, { metadata: { creationTimestamp: ago(seconds) }, status: { phase: 'Failed', ...status } })
  const pods = [
    ended('new', 10),
    ended('b', 20),
    ended('a', 20),
    ended('evicted', 5, { reason: 'Evicted' }),
    ended('old', 90),
  ]
  const names = (limit: number) => endedTooMany(pods, limit).map(({ metadata }) => metadata.name)
  expect(names(1)).toEqual(['evicted', 'old', 'a', 'b'])
  expect(names(4)).toEqual(['evicted'])
  expect(names(5)).toEqual([])
})
