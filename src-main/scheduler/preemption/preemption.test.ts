import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { PodDisruptionBudget } from '../../api/types/policy-v1.ts'
import { seededRandom } from '../../lib/random.ts'
import { decide, refusalMessage } from '../decision.ts'
import { defaultPlugins } from '../plugins.ts'
import { aCache, aNode, aPod, type PodOptions } from '../test-objects.ts'
import { chooseCandidate } from './choose.ts'
import { planRoom } from './preemption.ts'
import { splitByBudgets, budgetOf, type Candidate } from './victims.ts'

const limits = { enabled: true, minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 }
const one = { allocatable: { cpu: '1', memory: '8Gi', pods: '110' } }
const cpu = (amount: string, more: PodOptions = {}): PodOptions => ({ requests: { cpu: amount }, ...more })
const on = (nodeName: string, name: string, priority: number, amount: string, labels = {}): Live<Pod> =>
  aPod(name, cpu(amount, { nodeName, priority, labels }))

function budget(app: string, disruptionsAllowed: number): Live<PodDisruptionBudget> {
  return {
    metadata: { name: app, namespace: 'default', uid: app, resourceVersion: '1', creationTimestamp: '' },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  }
}

function make(pod: Live<Pod>, pods: Live<Pod>[], budgets: Live<PodDisruptionBudget>[] = [], nodes = ['a', 'b']) {
  const snapshot = aCache(
    nodes.map((name) => aNode(name, one)),
    pods,
  ).snapshot()
  const options = { plugins: defaultPlugins, random: seededRandom(1), start: 0, enough: Infinity }
  const decided = decide(pod, snapshot, options)
  const room = planRoom(pod, decided, snapshot, { limits, budgets: () => budgets, random: seededRandom(1) })
  return { room, message: refusalMessage(decided.decision, room.message), decided, snapshot }
}
const victims = (room: { target: Candidate | undefined }) => room.target?.victims.map(({ metadata }) => metadata.name)

describe('preemption', () => {
  it('evicts the least important pods, and only as many as needed', () => {
    const pods = [on('a', 'low', 1, '400m'), on('a', 'lower', 0, '400m'), on('b', 'high', 50, '900m')]
    const { room } = make(aPod('p', cpu('500m', { priority: 100 })), pods)
    expect(room.target?.node).toBe('a')
    expect(victims(room)).toEqual(['lower'])
  })

  it('does not touch pods of the same or a higher priority', () => {
    const pods = [on('a', 'same', 100, '900m'), on('b', 'higher', 200, '900m')]
    const { message } = make(aPod('p', cpu('500m', { priority: 100 })), pods)
    expect(message).toBe(
      '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    )
  })

  it('says where it would not help', () => {
    const { message } = make(aPod('p', cpu('2', { priority: 100 })), [on('a', 'low', 1, '900m')])
    expect(message).toBe(
      '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    )
  })

  it('is left to pods whose policy allows it', () => {
    const { message } = make(aPod('p', cpu('1', { priority: 100, preemptionPolicy: 'Never' })), [
      on('a', 'low', 1, '900m'),
      on('b', 'low2', 1, '900m'),
    ])
    expect(message).toBe(
      '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    )
  })

  it('prefers a node where no budget is broken, even for more important victims', () => {
    const pods = [on('a', 'guarded', 1, '900m', { app: 'db' }), on('b', 'free', 5, '900m')]
    const { room } = make(aPod('p', cpu('1', { priority: 100 })), pods, [budget('db', 0)])
    expect(room.target).toMatchObject({ node: 'b', violations: 0 })
  })

  it('spares pods with a broken budget before others of the node', () => {
    const pods = [on('a', 'guarded', 1, '500m', { app: 'db' }), on('a', 'free', 5, '500m')]
    const { room } = make(aPod('p', cpu('500m', { priority: 100 })), pods, [budget('db', 0)], ['a'])
    expect(victims(room)).toEqual(['free'])
  })

  it('removes a pod that keeps the new one away', () => {
    const alone = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
        ],
      },
    }
    const pods = [aPod('shy', { nodeName: 'a', priority: 1, affinity: alone })]
    const { room } = make(aPod('p', { priority: 100 }), pods, [], ['a'])
    expect(victims(room)).toEqual(['shy'])
  })

  it('counts the spread without the victims', () => {
    const spread = {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: 'web' } },
        },
      ],
    }
    const pods = [...['x', 'y'].map((name) => on('a', name, 1, '100m')), on('b', 'full', 200, '1', { app: 'other' })]
    const { room } = make(aPod('p', { ...cpu('200m'), priority: 100, ...spread }), pods)
    expect(room.target?.node).toBe('a')
    expect(victims(room)).toHaveLength(2)
  })

  it('leaves the predicates as they were', () => {
    const { decided, snapshot } = make(aPod('p', cpu('500m', { priority: 100 })), [
      on('a', 'low', 1, '900m'),
      on('b', 'low2', 1, '900m'),
    ])
    for (const node of snapshot.nodes) expect(decided.run.refusal(node)?.reasons).toEqual(['Insufficient cpu'])
  })

  it('waits for the pods that it has evicted', () => {
    const leaving = on('a', 'low', 1, '900m')
    leaving.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    leaving.status = { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] }
    const pod = aPod('p', cpu('500m', { priority: 100 }))
    pod.status = { nominatedNodeName: 'a' }
    const { room } = make(pod, [leaving], [], ['a'])
    expect(room.message).toBe(
      'no new claims to deallocate, preemption: not eligible due to a terminating pod on the nominated node.',
    )
    expect(room.keepsNomination).toBe(true)
  })
})

describe('a pod for which nothing is evicted', () => {
  const important = cpu('1', { priority: 100 })
  const full = [on('a', 'low', 1, '900m'), on('b', 'low2', 1, '900m')]
  const nominated = (pod: Live<Pod>): Live<Pod> => ({ ...pod, status: { ...pod.status, nominatedNodeName: 'a' } })

  it.each<[string, Live<Pod>, Live<Pod>[], string, boolean]>([
    [
      'by its policy keeps its node',
      nominated(aPod('p', { ...important, preemptionPolicy: 'Never' })),
      full,
      'no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
      true,
    ],
    [
      'for lack of less important pods gives up its node',
      nominated(aPod('p', cpu('1', { priority: 0 }))),
      full,
      'no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
      false,
    ],
    [
      'since a claim is missing is not looked at further',
      nominated(aPod('p', { ...important, volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] })),
      full,
      'not found',
      true,
    ],
  ])('%s', (_what, pod, pods, message, keeps) => {
    const { room } = make(pod, pods)
    expect(room).toMatchObject({ message, keepsNomination: keeps, target: undefined })
  })

  it('is not sent to a node that only an extender keeps it from', () => {
    const { decided } = make(aPod('p', important), full)
    const free = aCache([aNode('a', one)], [on('a', 'low', 1, '100m')]).snapshot()
    const pod = aPod('p', cpu('100m', { priority: 100 }))
    const { run, decision } = decide(pod, free, {
      ...{ plugins: defaultPlugins, random: seededRandom(1), start: 0, enough: Infinity },
    })
    const refused = {
      ...decision,
      refusals: [{ node: 'a', predicate: 'x', code: 'unschedulable' as const, reasons: [] }],
    }
    const options = { limits, budgets: () => [], random: seededRandom(1) }
    expect(planRoom(pod, { ...decided, run, decision: refused }, free, options)).toMatchObject({
      message: 'preemption: expected at least one victim pod on node "a"',
      target: undefined,
      keepsNomination: true,
    })
  })
})

describe('the choice among nodes for preemption', () => {
  const started = (name: string, priority: number, startTime: string): Live<Pod> => ({
    ...aPod(name, { priority }),
    status: { startTime },
  })
  const early = '2026-01-01T00:00:00Z'
  const late = '2026-01-01T01:00:00Z'
  const cases: [string, Candidate[], string][] = [
    [
      'fewest broken budgets',
      [
        { node: 'a', violations: 1, victims: [started('x', 1, early)] },
        { node: 'b', violations: 0, victims: [started('y', 9, early)] },
      ],
      'b',
    ],
    [
      'the lowest of the highest priorities',
      [
        { node: 'a', violations: 0, victims: [started('x', 5, early)] },
        { node: 'b', violations: 0, victims: [started('y', 4, early), started('z', 4, early)] },
      ],
      'b',
    ],
    [
      'the lowest sum of priorities',
      [
        { node: 'a', violations: 0, victims: [started('x', 5, early), started('w', 4, early)] },
        { node: 'b', violations: 0, victims: [started('y', 5, early), started('z', 1, early)] },
      ],
      'b',
    ],
    [
      'fewest victims, also of priority zero',
      [
        { node: 'a', violations: 0, victims: [started('x', 0, early), started('w', 0, early)] },
        { node: 'b', violations: 0, victims: [started('y', 0, early)] },
      ],
      'b',
    ],
    [
      'the victim that started last',
      [
        { node: 'a', violations: 0, victims: [started('x', 5, early)] },
        { node: 'b', violations: 0, victims: [started('y', 5, late)] },
      ],
      'b',
    ],
  ]
  it.each(cases)('takes %s', (_what, candidates, node) => {
    expect(chooseCandidate(candidates)?.node).toBe(node)
    expect(chooseCandidate(candidates.toReversed())?.node).toBe(node)
  })
})

describe('disruption budgets in preemption', () => {
  it('are used up by the pods that go', () => {
    const pods = ['x', 'y'].map((name) => aPod(name))
    const { violating, others } = splitByBudgets(pods, [budgetOf(budget('web', 1))])
    expect([others, violating].map((list) => list.map(({ metadata }) => metadata.name))).toEqual([['x'], ['y']])
  })
})
