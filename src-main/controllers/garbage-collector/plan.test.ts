import { describe, expect, it } from 'vitest'
import type { Kind } from '../../api/define-kind.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import { kinds } from '../../api/kinds/index.ts'
import type { OwnerReference } from '../../api/types/meta-v1.ts'
import { deletableKinds } from '../deletable-kinds.ts'
import { aPod } from '../test-objects.ts'
import { nodeOf, OwnerGraph } from './graph.ts'
import { blockingDependents, planCollect, type OwnerState } from './plan.ts'

const owner = (state: OwnerState, index: number) => ({
  state,
  reference: { apiVersion: 'v1', kind: 'ConfigMap', name: `${state}${index}`, uid: `${state}${index}` },
})
const plan = (
  states: OwnerState[],
  { finalizers = [] as string[], dependents = [] as { waitsForDependents: boolean }[] } = {},
) => planCollect({ owners: states.map(owner), finalizers, dependents })

const background = { action: 'delete', propagation: 'Background', unblockOwners: false }

describe('the garbage collection plan', () => {
  it.each([
    ['is kept while its owner stands', plan(['solid']), { action: 'keep' }],
    ['goes when its owner is gone', plan(['absent']), background],
    ['goes when its owner waits for it', plan(['waiting']), background],
    [
      'loses only the owners that are gone while one stands',
      plan(['solid', 'absent']),
      { action: 'dropOwners', uids: ['absent1'] },
    ],
    [
      'stays as it is with an owner of which nothing is known',
      plan(['unknown', 'absent', 'solid']),
      { action: 'waitForOwners' },
    ],
    ['is looked at again when nothing is known of its owner', plan(['unknown']), { action: 'waitForOwners' }],
    [
      'spares its own dependents when it says so',
      plan(['absent'], { finalizers: ['orphan'] }),
      { ...background, propagation: 'Orphan' },
    ],
    [
      'takes its dependents along first when its owner waits',
      plan(['waiting'], { dependents: [{ waitsForDependents: false }] }),
      { ...background, propagation: 'Foreground' },
    ],
    [
      'stops blocking its owner when its own dependent waits for it: nobody would ever go',
      plan(['waiting'], { dependents: [{ waitsForDependents: true }] }),
      { action: 'delete', propagation: 'Foreground', unblockOwners: true },
    ],
  ])('an object %s', (_what, actual, expected) => {
    expect(actual).toEqual(expected)
  })
})

describe('the graph of owners', () => {
  const anyPod = pod as unknown as Kind
  const owned = (name: string, ownerUid: string, blockOwnerDeletion = true) => {
    const reference = { apiVersion: 'v1', kind: 'Pod', name: 'o', uid: ownerUid, blockOwnerDeletion }
    return nodeOf(anyPod, aPod(name, { metadata: { ownerReferences: [reference] } }))
  }

  it('knows dependents before their owner, and forgets them when they change owners or go', () => {
    const graph = new OwnerGraph()
    graph.set(owned('a', 'x'))
    graph.set(owned('b', 'x'))
    expect(graph.dependentsOf('x').map(({ uid }) => uid)).toEqual(['uid-a', 'uid-b'])
    graph.set(owned('a', 'y'))
    graph.delete(owned('b', 'x'))
    expect(graph.dependentsOf('x')).toEqual([])
    expect(graph.dependentsOf('y')).toHaveLength(1)
  })

  it.each<[string, Partial<OwnerReference>, string | undefined, boolean]>([
    ['as it was referred to', {}, 'default', true],
    ['in another namespace', {}, 'elsewhere', false],
    ['by another name', { name: 'b' }, 'default', false],
    ['in another version', { apiVersion: 'v2' }, 'default', false],
    ['as another kind', { kind: 'Secret' }, 'default', false],
  ])('remembers one that has gone only %s', (_how, unlike, namespace, gone) => {
    const graph = new OwnerGraph()
    graph.set(owned('a', 'x'))
    graph.delete(owned('a', 'x'), true)
    expect(graph.hasGone({ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'uid-a', ...unlike }, namespace)).toBe(gone)
  })

  it('counts only dependents that ask for it as blocking', () => {
    expect(blockingDependents('x', [owned('a', 'x', false), owned('b', 'x')]).map(({ uid }) => uid)).toEqual(['uid-b'])
  })
})

describe('the kinds whose objects can go', () => {
  it('are each there once, in a lasting version, without those that are never stored', () => {
    const found = deletableKinds(kinds).map(({ apiVersion, plural }) => `${apiVersion}/${plural}`)
    expect(found).toContain('autoscaling/v1/horizontalpodautoscalers')
    expect(found).not.toContain('autoscaling/v2/horizontalpodautoscalers')
    expect(found.filter((one) => one.endsWith('/events'))).toEqual(['v1/events'])
    expect(found).not.toContain('v1/bindings')
    expect(found).toContain('lab.orrery.dev/v1/machines')
  })
})
