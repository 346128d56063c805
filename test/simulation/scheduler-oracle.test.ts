/**
 * The scheduler against a plain reading of the rules: no cache, no index, loops over everything. Both must find the
 * same nodes and give the same scores on random clusters.
 */
import { describe, expect, it } from 'vitest'
import type { Live } from '../../src-main/api/meta/object.ts'
import type {
  Node,
  NodeSelectorRequirement,
  Pod,
  PodAffinityTerm,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from '../../src-main/api/types/core-v1.ts'
import type { LabelSelector } from '../../src-main/api/types/meta-v1.ts'
import { seededRandom, type Random } from '../../src-main/lib/random.ts'
import { VirtualClock } from '../../src-main/lib/virtual-clock.ts'
import { SchedulerCache } from '../../src-main/scheduler/cache.ts'
import { decide } from '../../src-main/scheduler/decision.ts'
import { defaultPlugins } from '../../src-main/scheduler/plugins.ts'
import { noDevices } from '../../src-main/scheduler/devices/device-view.ts'
import { noStorage } from '../../src-main/scheduler/volumes/storage-view.ts'

type Labels = Record<string, string>
type ONode = Live<Node>
type OPod = Live<Pod>
interface World {
  readonly nodes: ONode[]
  readonly pods: OPod[]
  readonly pod: OPod
}

const hostname = 'kubernetes.io/hostname'
const namespaces: Record<string, Labels> = { red: { team: 'red' }, blue: { team: 'blue' } }

/* ---- The plain scheduler ---- */

const milli = (text: string): number => (text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000)
const mebi = (text: string): number => Number(text.replace('Mi', '')) * 1024 * 1024
const asked = (pod: OPod, name: 'cpu' | 'memory', least = 0): number => {
  const text = pod.spec!.containers[0]!.resources?.requests?.[name]
  if (text === undefined) return least
  return name === 'cpu' ? milli(text) : mebi(text)
}
const total = (node: ONode, name: 'cpu' | 'memory'): number =>
  name === 'cpu' ? milli(node.status!.allocatable!['cpu']!) : mebi(node.status!.allocatable!['memory']!)
const on = (node: ONode, pods: OPod[]): OPod[] => pods.filter((pod) => pod.spec!.nodeName === node.metadata.name)
const used = (node: ONode, pods: OPod[], name: 'cpu' | 'memory', least = 0): number =>
  on(node, pods).reduce((sum, pod) => sum + asked(pod, name, least), 0)

function selects(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (selector === undefined) return false
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const has = key in labels
    if (operator === 'In' && !(has && values.includes(labels[key]!))) return false
    if (operator === 'NotIn' && has && values.includes(labels[key]!)) return false
    if (operator === 'Exists' && !has) return false
    if (operator === 'DoesNotExist' && has) return false
  }
  return true
}

function requirementHolds({ key, operator, values = [] }: NodeSelectorRequirement, labels: Labels): boolean {
  if (operator === 'Gt') return key in labels && Number(labels[key]) > Number(values[0])
  return selects({ matchExpressions: [{ key, operator, values }] }, labels)
}

function nodeMatches(pod: OPod, node: ONode): boolean {
  const labels = node.metadata.labels ?? {}
  for (const [key, value] of Object.entries(pod.spec!.nodeSelector ?? {})) if (labels[key] !== value) return false
  const required = pod.spec!.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (required === undefined) return true
  return required.nodeSelectorTerms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false
    return (
      matchExpressions.every((one) => requirementHolds(one, labels)) &&
      matchFields.every((one) => requirementHolds(one, { 'metadata.name': node.metadata.name }))
    )
  })
}

function bearsWith({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false
  if (key === undefined) return operator === 'Exists'
  if (key !== taint.key) return false
  if (operator === 'Gt') return Number(taint.value) > Number(value)
  if (operator === 'Lt') return Number(taint.value) < Number(value)
  return operator === 'Exists' || value === (taint.value ?? '')
}
const bears = (pod: OPod, taint: Taint): boolean =>
  (pod.spec!.tolerations ?? []).some((toleration) => bearsWith(toleration, taint))
const hard = (taint: Taint): boolean => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute'
const bearsAll = (pod: OPod, node: ONode): boolean =>
  (node.spec?.taints ?? []).filter(hard).every((taint) => bears(pod, taint))

function means(term: PodAffinityTerm, owner: OPod, other: OPod): boolean {
  const place = other.metadata.namespace!
  const named = term.namespaces ?? []
  const isThere =
    named.length === 0 && term.namespaceSelector === undefined
      ? place === owner.metadata.namespace
      : named.includes(place) || selects(term.namespaceSelector, namespaces[place])
  return (
    isThere &&
    selects(term.labelSelector, other.metadata.labels) &&
    sameLabels(term.matchLabelKeys, owner, other) &&
    otherLabels(term.mismatchLabelKeys, owner, other)
  )
}
/** Keys that the owner does not have say nothing. */
const owned = (keys: string[] = [], owner: OPod): string[] => keys.filter((key) => key in owner.metadata.labels!)
const sameLabels = (keys: string[] | undefined, owner: OPod, other: OPod): boolean =>
  owned(keys, owner).every((key) => other.metadata.labels![key] === owner.metadata.labels![key])
const otherLabels = (keys: string[] | undefined, owner: OPod, other: OPod): boolean =>
  owned(keys, owner).every((key) => other.metadata.labels![key] !== owner.metadata.labels![key])
const required = (pod: OPod, kind: 'podAffinity' | 'podAntiAffinity'): PodAffinityTerm[] =>
  pod.spec!.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []
const preferred = (pod: OPod, kind: 'podAffinity' | 'podAntiAffinity') =>
  pod.spec!.affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []
const label = (node: ONode, key: string): string | undefined => node.metadata.labels?.[key]
const nodeOf = ({ nodes }: World, pod: OPod): ONode =>
  nodes.find(({ metadata }) => metadata.name === pod.spec!.nodeName)!

/** Pods in the same domain as the node. */
const near = (world: World, node: ONode, key: string): OPod[] =>
  world.pods.filter((pod) => label(node, key) !== undefined && label(nodeOf(world, pod), key) === label(node, key))

function affinityHolds(world: World, node: ONode): boolean {
  const { pod } = world
  const terms = required(pod, 'podAffinity')
  const all = (other: OPod): boolean => terms.every((term) => means(term, pod, other))
  const anywhere = terms.some((term) =>
    world.pods.some((other) => all(other) && label(nodeOf(world, other), term.topologyKey) !== undefined),
  )
  const mayBegin = !anywhere && all(pod)
  for (const { topologyKey } of terms) {
    if (label(node, topologyKey) === undefined) return false
    if (!mayBegin && !near(world, node, topologyKey).some(all)) return false
  }
  for (const term of required(pod, 'podAntiAffinity'))
    if (near(world, node, term.topologyKey).some((other) => means(term, pod, other))) return false
  for (const other of world.pods)
    for (const term of required(other, 'podAntiAffinity')) {
      const domain = label(nodeOf(world, other), term.topologyKey)
      if (domain !== undefined && domain === label(node, term.topologyKey) && means(term, other, pod)) return false
    }
  return true
}

const counts = (pod: OPod, constraint: TopologySpreadConstraint, node: ONode): boolean =>
  (constraint.nodeAffinityPolicy === 'Ignore' || nodeMatches(pod, node)) &&
  (constraint.nodeTaintsPolicy !== 'Honor' || bearsAll(pod, node))
const spreads = (pod: OPod, when: string): TopologySpreadConstraint[] =>
  (pod.spec!.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when)
const hasKeys = (node: ONode, constraints: TopologySpreadConstraint[]): boolean =>
  constraints.every(({ topologyKey }) => label(node, topologyKey) !== undefined)
const alike = (world: World, constraint: TopologySpreadConstraint, node: ONode): number =>
  on(node, world.pods).filter(
    (other) =>
      other.metadata.deletionTimestamp === undefined &&
      other.metadata.namespace === world.pod.metadata.namespace &&
      selects(constraint.labelSelector, other.metadata.labels) &&
      sameLabels(constraint.matchLabelKeys, world.pod, other),
  ).length

function domains(
  world: World,
  constraint: TopologySpreadConstraint,
  all: TopologySpreadConstraint[],
): Map<string, number> {
  const found = new Map<string, number>()
  for (const node of world.nodes) {
    if (!hasKeys(node, all) || !counts(world.pod, constraint, node)) continue
    const domain = label(node, constraint.topologyKey)!
    found.set(domain, (found.get(domain) ?? 0) + alike(world, constraint, node))
  }
  return found
}

function spreadHolds(world: World, node: ONode): boolean {
  const constraints = spreads(world.pod, 'DoNotSchedule')
  return constraints.every((constraint) => {
    const domain = label(node, constraint.topologyKey)
    if (domain === undefined) return false
    const found = domains(world, constraint, constraints)
    const fewest = found.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...found.values())
    const self = selects(constraint.labelSelector, world.pod.metadata.labels) ? 1 : 0
    return (found.get(domain) ?? 0) + self - fewest <= constraint.maxSkew
  })
}

const portOf = (pod: OPod): number | undefined => pod.spec!.containers[0]!.ports?.[0]?.hostPort

function fits(world: World, node: ONode): boolean {
  const { pod, pods } = world
  if (node.spec?.unschedulable === true) {
    if (!bears(pod, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })) return false
  }
  if (!bearsAll(pod, node) || !nodeMatches(pod, node)) return false
  const port = portOf(pod)
  if (port !== undefined && on(node, pods).some((other) => portOf(other) === port)) return false
  if (on(node, pods).length + 1 > Number(node.status!.allocatable!['pods'])) return false
  for (const name of ['cpu', 'memory'] as const)
    if (asked(pod, name) > 0 && asked(pod, name) + used(node, pods, name) > total(node, name)) return false
  return spreadHolds(world, node) && affinityHolds(world, node)
}

const toHundred = (scores: number[]): number[] => {
  const most = Math.max(0, ...scores)
  return scores.map((score) => (most === 0 ? 0 : Math.floor((score * 100) / most)))
}

function scoresOf(world: World, feasible: ONode[]): number[] {
  const { pod, pods } = world
  const parts: number[][] = []
  const untolerated = feasible.map(
    (node) =>
      (node.spec?.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule' && !bears(pod, taint)).length,
  )
  parts.push(toHundred(untolerated).map((score) => 3 * (100 - score)))
  const wishes = pod.spec!.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const liked = feasible.map((node) =>
    wishes.reduce((sum, { weight, preference: { matchExpressions = [] } }) => {
      const holds = matchExpressions.every((one) => requirementHolds(one, node.metadata.labels ?? {}))
      return sum + (holds ? weight : 0)
    }, 0),
  )
  parts.push(toHundred(liked).map((score) => 2 * score))
  const least = { cpu: 100, memory: 200 * 1024 * 1024 }
  parts.push(
    feasible.map((node) => {
      const left = (['cpu', 'memory'] as const).map((name) => {
        const free = total(node, name) - used(node, pods, name, least[name]) - asked(pod, name, least[name])
        return free < 0 ? 0 : Math.floor((free * 100) / total(node, name))
      })
      return Math.floor((left[0]! + left[1]!) / 2)
    }),
  )
  if (asked(pod, 'cpu', -1) >= 0 || asked(pod, 'memory', -1) >= 0)
    parts.push(
      feasible.map((node) => {
        const share = (name: 'cpu' | 'memory', more: number): number =>
          Math.min(1, (used(node, pods, name) + more) / total(node, name))
        const balance = (cpu: number, memory: number): number =>
          Math.floor((1 - Math.abs(share('cpu', cpu) - share('memory', memory)) / 2) * 100)
        const gain = balance(asked(pod, 'cpu'), asked(pod, 'memory')) - balance(0, 0)
        return 50 + Math.floor((50 + gain) / 2)
      }),
    )
  parts.push(spreadScores(world, feasible).map((score) => 2 * score))
  parts.push(affinityScores(world, feasible).map((score) => 2 * score))
  return feasible.map((_, index) => parts.reduce((sum, part) => sum + part[index]!, 0))
}

function spreadScores(world: World, feasible: ONode[]): number[] {
  const constraints = spreads(world.pod, 'ScheduleAnyway')
  if (constraints.length === 0) return feasible.map(() => 0)
  const judged = feasible.filter((node) => hasKeys(node, constraints))
  const raw = feasible.map((node) => {
    if (!judged.includes(node)) return undefined
    let sum = 0
    for (const constraint of constraints) {
      const { topologyKey, maxSkew } = constraint
      const isHost = topologyKey === hostname
      const size = isHost ? judged.length : new Set(judged.map((one) => label(one, topologyKey))).size
      const pods = isHost
        ? alike(world, constraint, node)
        : (domains(world, constraint, constraints).get(label(node, topologyKey)!) ?? 0)
      sum += pods * Math.log(size + 2) + (maxSkew - 1)
    }
    return Math.round(sum)
  })
  const known = raw.filter((score) => score !== undefined)
  const most = Math.max(0, ...known)
  const fewest = Math.min(...known)
  return raw.map((score) => {
    if (score === undefined) return 0
    return most === 0 ? 100 : Math.floor((100 * (most + fewest - score)) / most)
  })
}

function affinityScores(world: World, feasible: ONode[]): number[] {
  const { pod, pods } = world
  const raw = feasible.map((node) => {
    let sum = 0
    const same = (other: OPod, key: string): boolean =>
      label(node, key) !== undefined && label(node, key) === label(nodeOf(world, other), key)
    for (const other of pods) {
      for (const [kind, sign] of [
        ['podAffinity', 1],
        ['podAntiAffinity', -1],
      ] as const) {
        for (const { weight, podAffinityTerm: term } of preferred(pod, kind))
          if (same(other, term.topologyKey) && means(term, pod, other)) sum += sign * weight
        for (const { weight, podAffinityTerm: term } of preferred(other, kind))
          if (same(other, term.topologyKey) && means(term, other, pod)) sum += sign * weight
      }
      for (const term of required(other, 'podAffinity'))
        if (same(other, term.topologyKey) && means(term, other, pod)) sum += 1
    }
    return sum
  })
  const fewest = Math.min(...raw)
  const span = Math.max(...raw) - fewest
  return raw.map((score) => (span === 0 ? 0 : Math.floor((100 * (score - fewest)) / span)))
}

/* ---- Random clusters ---- */

class Dice {
  private readonly random: Random
  constructor(random: Random) {
    this.random = random
  }
  one<T>(...from: T[]): T {
    return from[this.random.integer(from.length)]!
  }
  maybe<T>(chance: number, make: () => T): T | undefined {
    return this.random.next() < chance ? make() : undefined
  }
  list<T>(most: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.random.integer(most + 1) }, (_, index) => make(index))
  }
}

const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T
const meta = (name: string, labels: Labels) => ({
  ...{ name, labels, uid: name, resourceVersion: '1', creationTimestamp: '' },
})

function aNode(dice: Dice, index: number): ONode {
  const name = `n${index}`
  const zone = dice.maybe(0.85, () => dice.one('x', 'y', 'z'))
  const taints = dice.list(2, (): Taint => ({
    ...{
      key: dice.one('k', 'l'),
      value: dice.one('1', '2'),
      effect: dice.one('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
    },
  }))
  return {
    metadata: meta(
      name,
      defined({ [hostname]: name, zone, disk: dice.one('ssd', 'hdd'), size: dice.one('1', '5', '9') }) as Labels,
    ),
    spec: defined({ unschedulable: dice.maybe(0.1, () => true), taints: dice.maybe(0.3, () => taints) }),
    status: {
      allocatable: {
        cpu: dice.one('1', '2', '4'),
        memory: dice.one('2048Mi', '8192Mi'),
        pods: dice.one('3', '5', '110'),
      },
    },
  }
}

const aSelector = (dice: Dice): LabelSelector =>
  dice.one<LabelSelector>(
    { matchLabels: { app: dice.one('a', 'b', 'c') } },
    { matchExpressions: [{ key: 'app', operator: dice.one('In', 'NotIn'), values: [dice.one('a', 'b'), 'c'] }] },
    { matchExpressions: [{ key: 'tier', operator: dice.one('Exists', 'DoesNotExist') }] },
    {},
  )
const aTerm = (dice: Dice): PodAffinityTerm =>
  defined({
    topologyKey: dice.one('zone', hostname, 'disk'),
    labelSelector: aSelector(dice),
    namespaces: dice.maybe(0.2, () => [dice.one('red', 'blue')]),
    namespaceSelector: dice.maybe(0.2, () => dice.one<LabelSelector>({}, { matchLabels: { team: 'blue' } })),
    matchLabelKeys: dice.maybe(0.15, () => [dice.one('app', 'tier')]),
    mismatchLabelKeys: dice.maybe(0.15, () => [dice.one('app', 'tier')]),
  })
const podAffinity = (dice: Dice) =>
  defined({
    requiredDuringSchedulingIgnoredDuringExecution: dice.maybe(0.5, () => dice.list(2, () => aTerm(dice))),
    preferredDuringSchedulingIgnoredDuringExecution: dice.maybe(0.5, () =>
      dice.list(2, () => ({ weight: dice.one(1, 10, 50), podAffinityTerm: aTerm(dice) })),
    ),
  })
const aRequirement = (dice: Dice): NodeSelectorRequirement =>
  dice.one<NodeSelectorRequirement>(
    { key: 'zone', operator: dice.one('In', 'NotIn'), values: [dice.one('x', 'y')] },
    { key: 'disk', operator: 'Exists' },
    { key: 'size', operator: 'Gt', values: ['3'] },
  )
const nodeAffinity = (dice: Dice) =>
  defined({
    requiredDuringSchedulingIgnoredDuringExecution: dice.maybe(0.5, () => ({
      nodeSelectorTerms: [
        dice.one<object>(
          { matchExpressions: [aRequirement(dice), aRequirement(dice)] },
          { matchFields: [{ key: 'metadata.name', operator: 'In', values: [dice.one('n0', 'n1', 'n2')] }] },
        ),
        { matchExpressions: [aRequirement(dice)] },
      ].slice(0, dice.one(1, 2)),
    })),
    preferredDuringSchedulingIgnoredDuringExecution: dice.maybe(0.5, () => [
      { weight: dice.one(1, 20), preference: { matchExpressions: [aRequirement(dice)] } },
    ]),
  })
const aSpread = (dice: Dice): TopologySpreadConstraint =>
  defined({
    maxSkew: dice.one(1, 2),
    topologyKey: dice.one('zone', hostname, 'disk'),
    whenUnsatisfiable: dice.one('DoNotSchedule', 'ScheduleAnyway'),
    labelSelector: aSelector(dice),
    nodeAffinityPolicy: dice.maybe(0.3, () => dice.one('Honor', 'Ignore')),
    nodeTaintsPolicy: dice.maybe(0.3, () => dice.one('Honor', 'Ignore')),
    matchLabelKeys: dice.maybe(0.2, () => [dice.one('app', 'tier')]),
  })
const withDomains = (constraint: TopologySpreadConstraint, dice: Dice): TopologySpreadConstraint =>
  constraint.whenUnsatisfiable === 'DoNotSchedule'
    ? defined({ ...constraint, minDomains: dice.maybe(0.3, () => dice.one(2, 4)) })
    : constraint

function aPod(dice: Dice, name: string, nodeName?: string): OPod {
  const requests = defined({
    cpu: dice.maybe(0.7, () => dice.one('100m', '500m', '1')),
    memory: dice.maybe(0.7, () => dice.one('100Mi', '1024Mi')),
  }) as Record<string, string>
  const ports = dice.maybe(0.1, () => [{ containerPort: 80, hostPort: dice.one(80, 81) }])
  const affinity = defined({
    nodeAffinity: dice.maybe(0.3, () => nodeAffinity(dice)),
    podAffinity: dice.maybe(0.25, () => podAffinity(dice)),
    podAntiAffinity: dice.maybe(0.25, () => podAffinity(dice)),
  })
  return {
    metadata: {
      ...meta(name, defined({ app: dice.one('a', 'b', 'c'), tier: dice.maybe(0.4, () => 'front') }) as Labels),
      ...(nodeName === undefined ? {} : dice.maybe(0.1, () => ({ deletionTimestamp: '2026-01-01T00:00:00Z' }))),
      namespace: dice.one('red', 'blue'),
    },
    spec: defined({
      nodeName,
      affinity,
      containers: [defined({ name: 'c', image: 'i', resources: { requests }, ports })],
      nodeSelector: dice.maybe(0.1, () => ({ disk: 'ssd' })),
      tolerations: dice.maybe(0.4, () =>
        dice.list(2, (): Toleration =>
          dice.one<Toleration>(
            { operator: 'Exists' },
            { key: 'k', operator: 'Exists' },
            { key: 'l', value: '1', effect: 'NoSchedule' },
            { key: 'k', operator: 'Gt', value: '1' },
            { key: 'l', operator: 'Lt', value: '2' },
          ),
        ),
      ),
      topologySpreadConstraints: dice.maybe(0.35, () => dice.list(2, () => withDomains(aSpread(dice), dice))),
    }),
    status: { phase: 'Pending' },
  }
}

function aWorld(seed: number): World {
  const dice = new Dice(seededRandom(seed))
  const nodes = [aNode(dice, 0), ...dice.list(6, (index) => aNode(dice, index + 1))]
  const pods = dice.list(10, (index) => aPod(dice, `p${index}`, dice.one(...nodes).metadata.name))
  return { nodes, pods, pod: aPod(dice, 'new') }
}

const options = { plugins: defaultPlugins, random: seededRandom(1), start: 0, enough: Infinity }

function cacheOf({ nodes, pods }: World): SchedulerCache {
  const cache = new SchedulerCache(new VirtualClock(), {
    siblingsOf: () => undefined,
    labelsOfNamespace: (name) => namespaces[name],
    namespaces: () => Object.keys(namespaces),
    storage: noStorage,
    devices: noDevices,
  })
  for (const node of nodes) cache.setNode(node)
  for (const one of pods) cache.setPod(one)
  return cache
}

/** The same cluster a moment later, in the eyes of a cache that has seen it before. */
function changed({ nodes, pods, pod }: World, cache: SchedulerCache, dice: Dice): World {
  const [first, ...others] = pods
  if (first !== undefined) cache.removePod(first.metadata.uid)
  const arrival = aPod(dice, 'late', dice.one(...nodes).metadata.name)
  cache.assume(arrival, arrival.spec!.nodeName!)
  const place = nodes.indexOf(dice.one(...nodes))
  const node = { ...aNode(dice, place), metadata: { ...aNode(dice, place).metadata, resourceVersion: '2' } }
  cache.setNode(node)
  return { nodes: nodes.with(place, node), pods: [...others, arrival], pod }
}

const worlds = 10_000

describe('the scheduler and a plain reading of the rules', () => {
  it(`agree on the nodes and scores of ${worlds} random clusters`, () => {
    let withChoice = 0
    let withRefusal = 0
    const compare = (world: World, cache: SchedulerCache, what: string): void => {
      const { feasible, totals } = decide(world.pod, cache.snapshot(), options).decision
      const expected = world.nodes.filter((node) => fits(world, node))
      const names = expected.map(({ metadata }) => metadata.name)
      expect(new Set(feasible), `feasible nodes with ${what}`).toEqual(new Set(names))
      if (feasible.length < world.nodes.length) withRefusal++
      if (feasible.length < 2) return
      withChoice++
      const wanted = scoresOf(world, expected)
      const scores = new Map(names.map((name, index) => [name, wanted[index]]))
      const found = new Map(feasible.map((name, index) => [name, totals[index]]))
      expect(found, `scores with ${what}`).toEqual(scores)
    }
    for (let seed = 1; seed <= worlds; seed++) {
      const world = aWorld(seed)
      const cache = cacheOf(world)
      compare(world, cache, `seed ${seed}`)
      if (seed % 2 !== 0) continue
      compare(changed(world, cache, new Dice(seededRandom(-seed))), cache, `seed ${seed} after a change`)
    }
    // Clusters in which nothing is to be decided would prove nothing.
    expect(withChoice).toBeGreaterThan(worlds / 5)
    expect(withRefusal).toBeGreaterThan(worlds / 5)
  }, 120_000)
})
