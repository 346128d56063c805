/** From the text of a KubeSchedulerConfiguration to profiles and extenders. */
import { parse } from 'yaml'
import type { Predicate } from '../framework.ts'
import { predicatesWith, prioritiesWith, type Plugins, type WeightedPriority } from '../plugins.ts'
import {
  defaultConfiguration,
  defaultProfile,
  type ExtenderSettings,
  type Profile,
  type SchedulerConfiguration,
} from './configuration.ts'
import type { TlsSettings } from '../extenders/post.ts'
import { readPluginArguments } from './plugin-arguments.ts'
import { Reader } from './reader.ts'

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code = 'InvalidConfiguration'
}

const apiVersion = 'kubescheduler.config.k8s.io/v1'
const pointsOfPredicates = ['multiPoint', 'preFilter', 'filter'] as const
const pointsOfPriorities = ['multiPoint', 'preScore', 'score'] as const
const points = [
  ...['preEnqueue', 'queueSort', 'preFilter', 'filter', 'postFilter', 'preScore', 'score', 'reserve', 'permit'],
  ...['preBind', 'bind', 'postBind', 'multiPoint'],
]
/** They are not among the predicates and priorities, but may be named. */
const elsewhere = ['PrioritySort', 'SchedulingGates', 'DefaultPreemption', 'DefaultBinder']

interface Wish {
  readonly name: string
  readonly weight: number
}

interface PointWishes {
  readonly enabled: readonly Wish[]
  readonly disabled: ReadonlySet<string>
}

/** Throws ConfigurationError, which names every field that is wrong. */
export function readConfiguration(text: string): SchedulerConfiguration {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    throw new ConfigurationError('the configuration is not YAML', { cause: error })
  }
  const read = new Reader()
  const root = read.object(value, 'configuration')
  if (root['apiVersion'] !== apiVersion) read.wrong('apiVersion', `${apiVersion} is expected`)
  if (root['kind'] !== 'KubeSchedulerConfiguration') read.wrong('kind', 'KubeSchedulerConfiguration is expected')
  read.only(root, 'configuration', [
    ...['apiVersion', 'kind', 'profiles', 'extenders', 'percentageOfNodesToScore'],
    ...['podInitialBackoffSeconds', 'podMaxBackoffSeconds', 'leaderElection', 'clientConnection', 'parallelism'],
  ])
  const percentage = read.integer(root['percentageOfNodesToScore'], 'percentageOfNodesToScore', percent)
  const extenders = read
    .list(root['extenders'], 'extenders')
    .map((one, index) => readExtender(read, one, `extenders[${index}]`))
  const ofExtenders = extenders.flatMap(({ managedResources }) =>
    managedResources.flatMap(({ name, ignoredByScheduler }) => (ignoredByScheduler ? [name] : [])),
  )
  const profileEntries = read.list(root['profiles'], 'profiles')
  const profiles = (profileEntries.length === 0 ? [{}] : profileEntries).map((one, index) =>
    readProfile(read, one, `profiles[${index}]`, percentage, ofExtenders),
  )
  const names = profiles.map(({ schedulerName }) => schedulerName)
  if (new Set(names).size < names.length) read.wrong('profiles', 'every profile needs a schedulerName of its own')
  const { podInitialBackoffSeconds: first, podMaxBackoffSeconds: longest } = defaultConfiguration
  const configuration = {
    profiles,
    extenders,
    podInitialBackoffSeconds: read.integer(
      root['podInitialBackoffSeconds'],
      'podInitialBackoffSeconds',
      seconds(first),
    ),
    podMaxBackoffSeconds: read.integer(root['podMaxBackoffSeconds'], 'podMaxBackoffSeconds', seconds(longest)),
  }
  if (configuration.podMaxBackoffSeconds < configuration.podInitialBackoffSeconds)
    read.wrong('podMaxBackoffSeconds', 'must not be less than podInitialBackoffSeconds')
  if (read.problems.length > 0) throw new ConfigurationError(read.problems.join('; '))
  return configuration
}

const percent = { otherwise: 0, from: 0, to: 100 }
const seconds = (otherwise: number): { otherwise: number; from: number; to: number } => ({
  ...{ otherwise, from: 1, to: 86_400 },
})

function readProfile(
  read: Reader,
  value: unknown,
  path: string,
  percentage: number,
  ignoredResources: readonly string[],
): Profile {
  const profile = read.object(value, path)
  read.only(profile, path, ['schedulerName', 'plugins', 'pluginConfig', 'percentageOfNodesToScore'])
  const own = readPluginArguments(read, profile['pluginConfig'], `${path}.pluginConfig`)
  const { names, groups } = own.ignoredResources
  const given = { ...own, ignoredResources: { names: [...names, ...ignoredResources], groups } }
  const wishes = readWishes(read, profile['plugins'], `${path}.plugins`)
  const all = { predicates: predicatesWith(given), priorities: prioritiesWith(given) }
  checkNames(read, wishes, all, `${path}.plugins`)
  return {
    schedulerName: read.text(profile['schedulerName'], `${path}.schedulerName`, defaultProfile.schedulerName),
    plugins: {
      predicates: chosenPredicates(all.predicates, wishes),
      priorities: chosenPriorities(all.priorities, wishes),
    },
    percentageOfNodesToScore: read.integer(profile['percentageOfNodesToScore'], `${path}.percentageOfNodesToScore`, {
      ...percent,
      otherwise: percentage,
    }),
    preemption: { ...given.preemption, enabled: isOn('DefaultPreemption', wishes, ['multiPoint', 'postFilter']) },
    bindTimeoutSeconds: given.bindTimeoutSeconds,
  }
}

function readWishes(read: Reader, value: unknown, path: string): ReadonlyMap<string, PointWishes> {
  const plugins = read.object(value, path)
  read.only(plugins, path, points)
  return new Map(
    Object.entries(plugins).map(([point, set]): [string, PointWishes] => {
      const at = `${path}.${point}`
      const { enabled, disabled } = read.object(set, at)
      const wishesIn = (list: unknown, where: string): Wish[] =>
        read.list(list, where).map((one, index) => {
          const entry = read.object(one, `${where}[${index}]`)
          const weight = read.integer(entry['weight'], `${where}[${index}].weight`, { otherwise: 0, from: 0, to: 1000 })
          return { name: read.text(entry['name'], `${where}[${index}].name`), weight }
        })
      const off = wishesIn(disabled, `${at}.disabled`).map(({ name }) => name)
      return [point, { enabled: wishesIn(enabled, `${at}.enabled`), disabled: new Set(off) }]
    }),
  )
}

function checkNames(read: Reader, wishes: ReadonlyMap<string, PointWishes>, all: Plugins, path: string): void {
  const known = new Set([
    ...all.predicates.map(({ name }) => name),
    ...all.priorities.map(({ priority }) => priority.name),
    ...elsewhere,
  ])
  for (const [point, { enabled }] of wishes)
    for (const { name } of enabled)
      if (!known.has(name)) read.wrong(`${path}.${point}.enabled`, `no plugin is named ${JSON.stringify(name)}`)
}

/** The last point that says something about a plugin counts; `*` means all that are not named. */
function isOn(name: string, wishes: ReadonlyMap<string, PointWishes>, at: readonly string[]): boolean {
  return at.reduce((on, point) => {
    const wish = wishes.get(point)
    if (wish === undefined) return on
    if (wish.enabled.some((one) => one.name === name)) return true
    return wish.disabled.has(name) || wish.disabled.has('*') ? false : on
  }, true)
}

const chosenPredicates = (all: readonly Predicate[], wishes: ReadonlyMap<string, PointWishes>): Predicate[] =>
  all.filter(({ name }) => isOn(name, wishes, pointsOfPredicates))

function chosenPriorities(
  all: readonly WeightedPriority[],
  wishes: ReadonlyMap<string, PointWishes>,
): WeightedPriority[] {
  return all
    .filter(({ priority }) => isOn(priority.name, wishes, pointsOfPriorities))
    .map(({ priority, weight }) => {
      const wished = pointsOfPriorities
        .flatMap((point) => wishes.get(point)?.enabled ?? [])
        .findLast((one) => one.name === priority.name && one.weight > 0)
      return { priority, weight: wished?.weight ?? weight }
    })
}

/** `500ms`, `5s`, `1m`. */
function durationMs(read: Reader, value: unknown, path: string, otherwise: number): number {
  const text = read.text(value, path)
  if (text === '') return otherwise
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? []
  if (amount === undefined) read.wrong(path, 'a duration such as 5s is expected')
  return Number(amount) * (unit === 'ms' ? 1 : unit === 's' ? 1000 : 60_000)
}

const extenderFields = [
  ...['urlPrefix', 'filterVerb', 'prioritizeVerb', 'preemptVerb', 'bindVerb', 'weight', 'httpTimeout'],
  ...['nodeCacheCapable', 'managedResources', 'ignorable', 'enableHTTPS', 'tlsConfig'],
]

function readExtender(read: Reader, value: unknown, path: string): ExtenderSettings {
  const extender = read.object(value, path)
  read.only(extender, path, extenderFields)
  const given = read.text(extender['urlPrefix'], `${path}.urlPrefix`)
  const isSecure = read.flag(extender['enableHTTPS'], `${path}.enableHTTPS`)
  const urlPrefix = isSecure ? given.replace(/^http:/, 'https:') : given
  if (!URL.canParse(urlPrefix) || !/^https?:/.test(urlPrefix))
    read.wrong(`${path}.urlPrefix`, 'an address of http or https is expected')
  const verb = (name: string): string => read.text(extender[name], `${path}.${name}`)
  const prioritizeVerb = verb('prioritizeVerb')
  const weight = read.integer(extender['weight'], `${path}.weight`, { otherwise: 0, from: 0, to: 1000 })
  if (prioritizeVerb !== '' && weight === 0) read.wrong(`${path}.weight`, 'is needed with prioritizeVerb')
  return {
    urlPrefix: urlPrefix.replace(/\/$/, ''),
    filterVerb: verb('filterVerb'),
    prioritizeVerb,
    preemptVerb: verb('preemptVerb'),
    bindVerb: verb('bindVerb'),
    weight,
    httpTimeoutMs: durationMs(read, extender['httpTimeout'], `${path}.httpTimeout`, 5000),
    nodeCacheCapable: read.flag(extender['nodeCacheCapable'], `${path}.nodeCacheCapable`),
    managedResources: read.list(extender['managedResources'], `${path}.managedResources`).map((one, index) => {
      const entry = read.object(one, `${path}.managedResources[${index}]`)
      return {
        name: read.text(entry['name'], `${path}.managedResources[${index}].name`),
        ignoredByScheduler: read.flag(
          entry['ignoredByScheduler'],
          `${path}.managedResources[${index}].ignoredByScheduler`,
        ),
      }
    }),
    ignorable: read.flag(extender['ignorable'], `${path}.ignorable`),
    ...(extender['tlsConfig'] === undefined ? {} : { tls: readTls(read, extender['tlsConfig'], `${path}.tlsConfig`) }),
  }
}

const tlsFields = ['insecure', 'serverName', 'certData', 'keyData', 'caData']
const tlsFiles = ['certFile', 'keyFile', 'caFile']

function readTls(read: Reader, value: unknown, path: string): TlsSettings {
  const tls = read.object(value, path)
  read.only(tls, path, [...tlsFields, ...tlsFiles])
  // Who may write the ConfigMap need not be one who may read this machine's files.
  for (const name of tlsFiles)
    if (read.text(tls[name], `${path}.${name}`) !== '')
      read.wrong(`${path}.${name}`, `files are not read: give ${name.replace('File', 'Data')}`)
  const pem = (name: string): string | undefined => {
    const text = read.text(tls[name], `${path}.${name}`)
    if (text === '') return undefined
    const decoded = Buffer.from(text, 'base64').toString('utf8')
    if (!decoded.includes('-----BEGIN ')) read.wrong(`${path}.${name}`, 'PEM in base64 is expected')
    return decoded
  }
  const [ca, cert, key] = [pem('caData'), pem('certData'), pem('keyData')]
  const insecure = read.flag(tls['insecure'], `${path}.insecure`)
  if (insecure && ca !== undefined) read.wrong(`${path}.insecure`, 'makes no sense with caData')
  if ((cert === undefined) !== (key === undefined)) read.wrong(path, 'certData and keyData belong together')
  return {
    ...{ insecure, serverName: read.text(tls['serverName'], `${path}.serverName`) },
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  }
}
