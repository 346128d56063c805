import { describe, expect, it } from 'vitest'
import type { Live } from '../api/meta/object.ts'
import type { Affinity, Pod, PodAffinityTerm } from '../api/types/core-v1.ts'
import { seededRandom } from '../lib/random.ts'
import { decide, refusalMessage } from './decision.ts'
import { defaultPlugins } from './plugins.ts'
import { aCache, aNode, aPod } from './test-objects.ts'

const zoned = (name: string, zone: string) => aNode(name, { labels: { zone } })
const nodes = [zoned('a1', 'a'), zoned('a2', 'a'), zoned('b1', 'b')]
const on = (nodeName: string, app: string, more: { affinity?: Affinity; namespace?: string } = {}): Live<Pod> =>
  aPod(`${app}-${nodeName}`, { nodeName, labels: { app }, ...more })
const term = (app: string, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey: 'zone',
  labelSelector: { matchLabels: { app } },
  ...more,
})
const near = (...terms: PodAffinityTerm[]): Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
})
const far = (...terms: PodAffinityTerm[]): Affinity => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
})

function choose(pod: Live<Pod>, pods: Live<Pod>[]) {
  const options = { plugins: defaultPlugins, random: seededRandom(1), start: 0, enough: Infinity }
  return decide(pod, aCache(nodes, pods).snapshot(), options).decision
}
const feasible = (pod: Live<Pod>, pods: Live<Pod>[] = []) => choose(pod, pods).feasible

describe('required pod affinity', () => {
  it('keeps a pod in the domain of the pods that it wants', () => {
    expect(feasible(aPod('p', { affinity: near(term('db')) }), [on('a2', 'db')])).toEqual(['a1', 'a2'])
  })

  it('needs all of its terms', () => {
    const pod = aPod('p', { affinity: near(term('db'), term('cache')) })
    expect(refusalMessage(choose(pod, [on('a1', 'db'), on('b1', 'cache')]))).toBe(
      "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.",
    )
  })

  it('lets the first of a group begin anywhere', () => {
    const pod = aPod('p', { labels: { app: 'group' }, affinity: near(term('group')) })
    expect(feasible(pod)).toEqual(['a1', 'a2', 'b1'])
    expect(feasible(pod, [on('b1', 'group')])).toEqual(['b1'])
  })

  it('looks into the namespaces that it names or selects, by default its own', () => {
    const there = [on('b1', 'db', { namespace: 'other' })]
    const wants = (more: Partial<PodAffinityTerm>) => feasible(aPod('p', { affinity: near(term('db', more)) }), there)
    expect(wants({})).toEqual([])
    expect(wants({ namespaces: ['other'] })).toEqual(['b1'])
    expect(wants({ namespaceSelector: { matchLabels: { team: 'red' } } })).toEqual(['b1'])
    expect(wants({ namespaceSelector: {} })).toEqual(['b1'])
  })
})

describe('required pod anti-affinity', () => {
  it('keeps a pod out of the domain of those that it shuns', () => {
    expect(feasible(aPod('p', { affinity: far(term('db')) }), [on('a2', 'db')])).toEqual(['b1'])
  })

  it('keeps a pod away from those that shun it', () => {
    const shy = on('a2', 'shy', { affinity: far(term('web')) })
    expect(feasible(aPod('p'), [shy])).toEqual(['b1'])
    expect(feasible(aPod('p', { labels: { app: 'other' } }), [shy])).toHaveLength(3)
  })

  it('spreads pods of one make over nodes', () => {
    const alone = far(term('web', { topologyKey: 'kubernetes.io/hostname' }))
    const pods = [on('a1', 'web', { affinity: alone }), on('b1', 'web', { affinity: alone })]
    expect(feasible(aPod('p', { affinity: alone }), pods)).toEqual(['a2'])
  })

  it('still counts a pod that is on its way out', () => {
    const going = on('a2', 'db')
    going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    expect(feasible(aPod('p', { affinity: far(term('db')) }), [going])).toEqual(['b1'])
  })
})

describe('preferred pod affinity', () => {
  const scores = (pod: Live<Pod>, pods: Live<Pod>[]) =>
    choose(pod, pods).scores.find(({ priority }) => priority === 'InterPodAffinity')?.normalised
  const wish = (weight: number, app: string) => [{ weight, podAffinityTerm: term(app) }]

  it('weighs nearness and distance', () => {
    const affinity: Affinity = {
      podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wish(10, 'db') },
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wish(5, 'noise') },
    }
    expect(scores(aPod('p', { affinity }), [on('a1', 'db'), on('b1', 'noise')])).toEqual([100, 100, 0])
  })

  it('also counts what the others would like', () => {
    const affinity: Affinity = { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wish(10, 'web') } }
    expect(scores(aPod('p'), [on('b1', 'fan', { affinity })])).toEqual([0, 0, 100])
    expect(scores(aPod('p'), [on('b1', 'fan', { affinity: near(term('web')) })])).toEqual([0, 0, 100])
  })
})
