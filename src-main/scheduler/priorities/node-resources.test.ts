import { describe, expect, it } from 'vitest'
import { aCache, aNode, aPod, type PodOptions } from '../test-objects.ts'
import { balancedAllocationOf } from './balanced-allocation.ts'
import { nodeResourcesPriorityWith, type ResourceStrategy, type WeightedResource } from './node-resources.ts'

const node = aNode('n', { allocatable: { cpu: '4', memory: '8Gi', 'example.com/gpu': '4' } })
const busy = aPod('busy', { nodeName: 'n', requests: { cpu: '1', memory: '2Gi' } })
const pod = aPod('p', { requests: { cpu: '1', memory: '1Gi' } })
const snapshot = aCache([node], [busy]).snapshot()

function score(strategy: ResourceStrategy, resources?: readonly WeightedResource[], of = pod): number | undefined {
  const [info] = snapshot.nodes
  const prepared = nodeResourcesPriorityWith(strategy, resources).prepare(of, snapshot, snapshot.nodes)
  return info === undefined ? undefined : prepared?.score(info)
}
const shape = [
  { utilization: 0, score: 0 },
  { utilization: 100, score: 10 },
]

describe('scores by resources', () => {
  const cases: [string, ResourceStrategy, readonly WeightedResource[] | undefined, number][] = [
    ['least allocated', { type: 'LeastAllocated' }, undefined, 56],
    ['most allocated', { type: 'MostAllocated' }, undefined, 43],
    [
      'most allocated, with weights',
      { type: 'MostAllocated' },
      [
        { name: 'cpu', weight: 3 },
        { name: 'memory', weight: 1 },
      ],
      46,
    ],
    ['requested to capacity', { type: 'RequestedToCapacityRatio', shape }, undefined, 44],
    [
      'an extended resource that the pod does not want counts for nothing',
      { type: 'MostAllocated' },
      [
        { name: 'cpu', weight: 1 },
        { name: 'example.com/gpu', weight: 5 },
      ],
      50,
    ],
  ]
  it.each(cases)('%s', (_what, strategy, resources, expected) => {
    expect(score(strategy, resources)).toBe(expected)
  })

  it('follow the line between points of a shape', () => {
    const bent = [
      { utilization: 20, score: 10 },
      { utilization: 60, score: 0 },
    ]
    const only = [{ name: 'cpu', weight: 1 }]
    expect(score({ type: 'RequestedToCapacityRatio', shape: bent }, only)).toBe(25)
  })

  const onNode = (requests: Record<string, string>): PodOptions => ({ requests, nodeName: 'n' })
  it.each<[string, PodOptions, Record<string, string>, number]>([
    ['stay in the middle where nothing changes', onNode({}), { cpu: '2', memory: '4Gi' }, 75],
    ['fall where the pod uses one resource alone', onNode({}), { cpu: '4' }, 50],
    ['rise where the pod uses what the others left', onNode({ cpu: '4' }), { memory: '8Gi' }, 100],
    ['are the same for a bad balance that stays', onNode({ cpu: '2' }), { cpu: '1', memory: '2Gi' }, 75],
  ])('of balance %s', (_what, there, requests, expected) => {
    const nodes = aCache([aNode('n')], [aPod('q', there)]).snapshot()
    const prepared = balancedAllocationOf().prepare(aPod('p', { requests }), nodes, nodes.nodes)
    const [info] = nodes.nodes
    expect(info && prepared?.score(info)).toBe(expected)
  })
})
