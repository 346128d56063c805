/** `pluginConfig` of a profile. */
import type { NodeAffinity, TopologySpreadConstraint } from '../../api/types/core-v1.ts'
import { defaultArguments, type PluginArguments } from '../plugins.ts'
import { cpuAndMemory, type ShapePoint, type WeightedResource } from '../priorities/node-resources.ts'
import { systemDefaults } from '../topology-spread.ts'
import { defaultProfile, type Profile } from './configuration.ts'
import type { Reader } from './reader.ts'

export type ProfileArguments = PluginArguments & Pick<Profile, 'preemption' | 'bindTimeoutSeconds'>
type Fields = Readonly<Record<string, unknown>>
type Change = (read: Reader, args: Fields, path: string, known: ProfileArguments) => Partial<ProfileArguments>

const weighted = (read: Reader, value: unknown, path: string): readonly WeightedResource[] => {
  const list = read.list(value, path).map((one, index) => {
    const entry = read.object(one, `${path}[${index}]`)
    return {
      name: read.text(entry['name'], `${path}[${index}].name`),
      weight: read.integer(entry['weight'], `${path}[${index}].weight`, { otherwise: 1, from: 1, to: 100 }),
    }
  })
  return list.length === 0 ? cpuAndMemory : list
}

function shapeOf(read: Reader, value: unknown, path: string): readonly ShapePoint[] {
  const shape = read.list(value, path).map((one, index) => {
    const entry = read.object(one, `${path}[${index}]`)
    return {
      utilization: read.integer(entry['utilization'], `${path}[${index}].utilization`, {
        otherwise: 0,
        from: 0,
        to: 100,
      }),
      score: read.integer(entry['score'], `${path}[${index}].score`, { otherwise: 0, from: 0, to: 10 }),
    }
  })
  if (shape.length === 0) read.wrong(path, 'at least one point is needed')
  if (shape.some(({ utilization }, index) => index > 0 && utilization <= (shape[index - 1]?.utilization ?? 0)))
    read.wrong(path, 'utilization must rise from point to point')
  return shape
}

const resourcesFit: Change = (read, args, path) => {
  read.only(args, path, ['apiVersion', 'kind', 'ignoredResources', 'ignoredResourceGroups', 'scoringStrategy'])
  const strategy = read.object(args['scoringStrategy'], `${path}.scoringStrategy`)
  const at = `${path}.scoringStrategy`
  const type = read.oneOf(
    strategy['type'],
    `${at}.type`,
    ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'],
    'LeastAllocated',
  )
  const ratio = read.object(strategy['requestedToCapacityRatio'], `${at}.requestedToCapacityRatio`)
  return {
    ignoredResources: {
      names: read.list(args['ignoredResources'], `${path}.ignoredResources`).map(String),
      groups: read.list(args['ignoredResourceGroups'], `${path}.ignoredResourceGroups`).map(String),
    },
    strategy:
      type === 'RequestedToCapacityRatio'
        ? { type, shape: shapeOf(read, ratio['shape'], `${at}.requestedToCapacityRatio.shape`) }
        : { type },
    strategyResources: weighted(read, strategy['resources'], `${at}.resources`),
  }
}

const spread: Change = (read, args, path) => {
  read.only(args, path, ['apiVersion', 'kind', 'defaultConstraints', 'defaultingType'])
  const constraints = read.list(args['defaultConstraints'], `${path}.defaultConstraints`)
  const type = read.oneOf(args['defaultingType'], `${path}.defaultingType`, ['System', 'List'], 'System')
  if (type === 'System') {
    if (constraints.length > 0) read.wrong(`${path}.defaultConstraints`, 'only with defaultingType List')
    return { spread: systemDefaults }
  }
  const list = constraints.map((one, index): TopologySpreadConstraint => {
    const at = `${path}.defaultConstraints[${index}]`
    const entry = read.object(one, at)
    read.only(entry, at, ['maxSkew', 'topologyKey', 'whenUnsatisfiable'])
    return {
      maxSkew: read.integer(entry['maxSkew'], `${at}.maxSkew`, { otherwise: 1, from: 1, to: 1e9 }),
      topologyKey: read.text(entry['topologyKey'], `${at}.topologyKey`),
      whenUnsatisfiable: read.oneOf(
        entry['whenUnsatisfiable'],
        `${at}.whenUnsatisfiable`,
        ['DoNotSchedule', 'ScheduleAnyway'],
        'ScheduleAnyway',
      ),
    }
  })
  return { spread: { constraints: list, lenient: false } }
}

const changes: Readonly<Record<string, Change>> = {
  NodeResourcesFit: resourcesFit,
  NodeResourcesBalancedAllocation: (read, args, path) => {
    read.only(args, path, ['apiVersion', 'kind', 'resources'])
    return { balancedResources: weighted(read, args['resources'], `${path}.resources`) }
  },
  PodTopologySpread: spread,
  InterPodAffinity: (read, args, path) => {
    read.only(args, path, ['apiVersion', 'kind', 'hardPodAffinityWeight', 'ignorePreferredTermsOfExistingPods'])
    const required = read.integer(args['hardPodAffinityWeight'], `${path}.hardPodAffinityWeight`, {
      ...{ otherwise: 1, from: 0, to: 100 },
    })
    const at = `${path}.ignorePreferredTermsOfExistingPods`
    return {
      podAffinity: { required, ignorePreferredOfOthers: read.flag(args['ignorePreferredTermsOfExistingPods'], at) },
    }
  },
  NodeAffinity: (read, args, path) => {
    read.only(args, path, ['apiVersion', 'kind', 'addedAffinity'])
    const added = read.object(args['addedAffinity'], `${path}.addedAffinity`)
    return { addedAffinity: args['addedAffinity'] === undefined ? undefined : (added as NodeAffinity) }
  },
  VolumeBinding: (read, args, path) => {
    const at = `${path}.bindTimeoutSeconds`
    return {
      bindTimeoutSeconds: read.integer(args['bindTimeoutSeconds'], at, { otherwise: 600, from: 0, to: 86_400 }),
    }
  },
  DefaultPreemption: (read, args, path, { preemption }) => {
    const { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute } = preemption
    read.only(args, path, ['apiVersion', 'kind', 'minCandidateNodesPercentage', 'minCandidateNodesAbsolute'])
    return {
      preemption: {
        enabled: true,
        minCandidateNodesPercentage: read.integer(
          args['minCandidateNodesPercentage'],
          `${path}.minCandidateNodesPercentage`,
          { otherwise: percentage, from: 0, to: 100 },
        ),
        minCandidateNodesAbsolute: read.integer(
          args['minCandidateNodesAbsolute'],
          `${path}.minCandidateNodesAbsolute`,
          { otherwise: absolute, from: 0, to: 1e9 },
        ),
      },
    }
  },
}

export function readPluginArguments(read: Reader, value: unknown, path: string): ProfileArguments {
  const { preemption, bindTimeoutSeconds } = defaultProfile
  let result: ProfileArguments = { ...defaultArguments, preemption, bindTimeoutSeconds }
  read.list(value, path).forEach((one, index) => {
    const at = `${path}[${index}]`
    const entry = read.object(one, at)
    const name = read.text(entry['name'], `${at}.name`)
    const change = Object.hasOwn(changes, name) ? changes[name] : undefined
    if (change === undefined) read.wrong(`${at}.name`, `no plugin ${JSON.stringify(name)} takes arguments`)
    else result = { ...result, ...change(read, read.object(entry['args'], `${at}.args`), `${at}.args`, result) }
  })
  return result
}
