import { describe, expect, it } from 'vitest'
import { labelSelectorFrom } from '../api/meta/label-selector.ts'
import type { Live } from '../api/meta/object.ts'
import type { Node, Pod, Taint } from '../api/types/core-v1.ts'
import { seededRandom } from '../lib/random.ts'
import { decide, refusalMessage } from './decision.ts'
import { DecisionLog, type RecordedDecision } from './decision-log.ts'
import { enoughNodes } from './filter-nodes.ts'
import type { Snapshot } from './framework.ts'
import { defaultPlugins } from './plugins.ts'
import { aCache, aNode, aPod } from './test-objects.ts'

function choose(pod: Live<Pod>, nodes: Live<Node>[], pods: Live<Pod>[] = [], siblingsOf?: Snapshot['siblingsOf']) {
  const options = { plugins: defaultPlugins, random: seededRandom(1), start: 0, enough: Infinity }
  return decide(pod, aCache(nodes, pods, siblingsOf).snapshot(), options).decision
}

const taint = (effect: string, key = 'dedicated'): { spec: { taints: Taint[] } } => ({
  spec: { taints: [{ key, value: 'db', effect }] },
})
const zone = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } })

describe('which nodes a pod fits', () => {
  const cases: [string, Live<Pod>, Live<Node>, Live<Pod>[], string][] = [
    ['a cordoned node', aPod('p'), aNode('n', { spec: { unschedulable: true } }), [], 'node(s) were unschedulable'],
    ['a tainted node', aPod('p'), aNode('n', taint('NoSchedule')), [], 'node(s) had untolerated taint(s)'],
    [
      'another label',
      aPod('p', { nodeSelector: { disk: 'ssd' } }),
      aNode('n', { labels: { disk: 'hdd' } }),
      [],
      "node(s) didn't match Pod's node affinity/selector",
    ],
    ['too little cpu', aPod('p', { requests: { cpu: '5' } }), aNode('n'), [], 'Insufficient cpu'],
    [
      'cpu that others took',
      aPod('p', { requests: { cpu: '3' } }),
      aNode('n'),
      [aPod('other', { nodeName: 'n', requests: { cpu: '1500m' } })],
      'Insufficient cpu',
    ],
    [
      'an extended resource that it lacks',
      aPod('p', { requests: { 'example.com/gpu': '1' } }),
      aNode('n'),
      [],
      'Insufficient example.com/gpu',
    ],
    [
      'no place for one more pod',
      aPod('p'),
      aNode('n', { allocatable: { pods: '1' } }),
      [aPod('other', { nodeName: 'n' })],
      'Too many pods',
    ],
    [
      'a taken host port',
      aPod('p', { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80, hostIP: '10.0.0.1' }] }] }),
      aNode('n'),
      [aPod('other', { nodeName: 'n', containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80 }] }] })],
      "node(s) didn't have free ports for the requested pod ports",
    ],
  ]
  it.each(cases)('refuses %s', (_what, pod, node, pods, reason) => {
    const decision = choose(pod, [node], pods)
    expect(decision.chosen).toBeUndefined()
    expect(refusalMessage(decision)).toBe(`0/1 nodes are available: 1 ${reason}.`)
  })

  it('accepts what the pod tolerates', () => {
    const tolerations = [
      { key: 'dedicated', operator: 'Equal', value: 'db', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/unschedulable', operator: 'Exists' },
    ]
    const node = aNode('n', { spec: { unschedulable: true, ...taint('NoSchedule').spec } })
    expect(choose(aPod('p', { tolerations }), [node]).chosen).toBe('n')
  })

  it('counts the nodes for each reason', () => {
    const nodes = [aNode('a', taint('NoSchedule')), aNode('b', { allocatable: { cpu: '1', memory: '1Mi' } })]
    const decision = choose(aPod('p', { requests: { cpu: '2', memory: '1Gi' } }), nodes)
    expect(refusalMessage(decision)).toBe(
      '0/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) had untolerated taint(s).',
    )
  })

  it('needs the larger of what init containers and what the others with the sidecars ask for', () => {
    const asks = (cpu: string) => ({ resources: { requests: { cpu } } })
    const pod = aPod('p', {
      initContainers: [
        { name: 'sidecar', restartPolicy: 'Always', ...asks('1') },
        { name: 'init', ...asks('3') },
      ],
      containers: [{ name: 'main', ...asks('2') }],
      overhead: { cpu: '100m' },
    })
    expect(choose(pod, [aNode('n', { allocatable: { cpu: '4' } })]).chosen).toBeUndefined()
    expect(choose(pod, [aNode('n', { allocatable: { cpu: '4100m' } })]).chosen).toBe('n')
  })

  it('holds a DoNotSchedule constraint', () => {
    const topologySpreadConstraints = [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ]
    const nodes = [aNode('a', zone('one')), aNode('b', { ...zone('two'), spec: { unschedulable: true } })]
    const decision = choose(aPod('p', { topologySpreadConstraints }), nodes, [aPod('q', { nodeName: 'a' })])
    expect(refusalMessage(decision)).toContain("1 node(s) didn't match pod topology spread constraints")
  })
})

describe('which node a pod gets', () => {
  it('the emptier one', () => {
    const busy = aPod('busy', { nodeName: 'a', requests: { cpu: '2', memory: '4Gi' } })
    expect(choose(aPod('p'), [aNode('a'), aNode('b')], [busy]).chosen).toBe('b')
  })

  it('the one without a PreferNoSchedule taint', () => {
    expect(choose(aPod('p'), [aNode('a', taint('PreferNoSchedule')), aNode('b')]).chosen).toBe('b')
  })

  it('the one that matches its preference', () => {
    const preference = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference }] },
    }
    expect(choose(aPod('p', { affinity }), [aNode('a'), aNode('b', { labels: { disk: 'ssd' } })]).chosen).toBe('b')
  })

  it('the one that already has its large image', () => {
    const nodes = [aNode('a'), aNode('b', { images: { 'web:1': 900 * 1024 * 1024 } })]
    expect(choose(aPod('p'), nodes).chosen).toBe('b')
  })

  it('the one with fewer pods of the same service or controller', () => {
    const siblings = labelSelectorFrom({ matchLabels: { app: 'web' } })
    const pods = [aPod('q', { nodeName: 'a' }), aPod('other', { nodeName: 'b', labels: { app: 'db' } })]
    const { scores, chosen } = choose(aPod('p'), [aNode('a'), aNode('b')], pods, () => siblings)
    expect(scores.find(({ priority }) => priority === 'PodTopologySpread')?.normalised).toEqual([66, 100])
    expect(chosen).toBe('b')
  })

  it('any of the best, by chance', () => {
    const nodes = [aNode('a'), aNode('b'), aNode('c', { spec: { unschedulable: true } })]
    const snapshot = aCache(nodes).snapshot()
    const random = seededRandom(7)
    const options = { plugins: defaultPlugins, random, start: 0, enough: 9 }
    const chosen = Array.from({ length: 40 }, () => decide(aPod('p'), snapshot, options).decision.chosen)
    expect(new Set(chosen)).toEqual(new Set(['a', 'b']))
  })

  it('searches a part of a large cluster, each time from where the last search ended', () => {
    expect(enoughNodes(50)).toBe(50)
    expect(enoughNodes(500)).toBe(230)
    expect(enoughNodes(5000)).toBe(500)
    const snapshot = aCache(['a', 'b', 'c'].map((name) => aNode(name))).snapshot()
    const options = { plugins: defaultPlugins, random: seededRandom(1), start: 2, enough: 2 }
    const { decision, looked } = decide(aPod('p'), snapshot, options)
    expect(decision.feasible).toEqual(['c', 'a'])
    expect(looked).toBe(2)
  })
})

describe('the scheduler cache', () => {
  it('counts an assumed pod at once, and takes it back', () => {
    const cache = aCache([aNode('n', { allocatable: { pods: '1' } })])
    cache.assume(aPod('p'), 'n')
    expect(cache.snapshot().nodes[0]?.pods.size).toBe(1)
    cache.forget('uid-p')
    expect(cache.snapshot().nodes[0]?.pods.size).toBe(0)
  })

  it('keeps what the server confirmed when the assumption is taken back late', () => {
    const cache = aCache([aNode('n')])
    cache.assume(aPod('p'), 'n')
    cache.setPod(aPod('p', { nodeName: 'n' }))
    cache.forget('uid-p')
    expect(cache.snapshot().nodes[0]?.pods.size).toBe(1)
  })

  it('knows the pods of a node that it hears of later, and forgets those that ended', () => {
    const cache = aCache([], [aPod('p', { nodeName: 'n', requests: { cpu: '1' } })])
    cache.setNode(aNode('n'))
    expect(cache.snapshot().nodes[0]?.requested).toMatchObject({ cpu: 1000 })
    cache.setPod({ ...aPod('p', { nodeName: 'n' }), status: { phase: 'Succeeded' } })
    expect(cache.snapshot().nodes[0]?.requested).toMatchObject({ cpu: 0 })
  })

  it('holds no room any more for a pod that the server has placed, wherever it was nominated', () => {
    const cache = aCache([aNode('n'), aNode('m')])
    cache.assume(aPod('p'), 'n')
    cache.nominated.nominate(aPod('p'), 'm')
    cache.setPod(aPod('p', { nodeName: 'n' }))
    expect(cache.snapshot().nominated.size).toBe(0)
  })

  it('gives snapshots that later changes do not touch', () => {
    const cache = aCache([aNode('n')])
    const before = cache.snapshot()
    cache.assume(aPod('p'), 'n')
    expect(before.nodes[0]?.pods.size).toBe(0)
  })

  it('keeps counts of matching pods right as pods come, go and begin to terminate', () => {
    const cache = aCache([aNode('n')], [aPod('a', { nodeName: 'n' })])
    const selector = labelSelectorFrom({ matchLabels: { app: 'web' } })
    const count = () => cache.snapshot().countMatching('default', selector).get('n') ?? 0
    expect(count()).toBe(1)
    cache.setPod(aPod('b', { nodeName: 'n' }))
    cache.setPod(aPod('other', { nodeName: 'n', namespace: 'x' }))
    expect(count()).toBe(2)
    const a = aPod('a', { nodeName: 'n' })
    cache.setPod({ ...a, metadata: { ...a.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })
    cache.removePod('uid-b')
    expect(count()).toBe(0)
  })
})

describe('the decision log', () => {
  it('keeps the newest decision for each pod', () => {
    const log = new DecisionLog()
    const decision = choose(aPod('p'), [aNode('a'), aNode('b')])
    const record = (timeMs: number): RecordedDecision => ({
      ...decision,
      ...{ namespace: 'default', name: 'p', uid: 'u', timeMs, attempts: 0, profile: 'default-scheduler' },
      ...{ requests: {}, priority: 0, predicates: [], bypassed: [], preemption: undefined, message: '' },
    })
    log.record(record(1))
    log.record(record(2))
    expect(log.all()).toHaveLength(1)
    expect(log.of('default', 'p')?.timeMs).toBe(2)
  })
})
