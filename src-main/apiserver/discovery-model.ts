/** What there is to discover, from the kinds that are served now: groups, versions, resources, in the order of clients' preference. */
import type { Kind } from '../api/define-kind.ts'
import { resourceFact, type ResourceFact } from '../api/kinds/resource-facts.ts'
import { byVersionPriority } from '../api/meta/version-priority.ts'

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface DiscoveredSubresource {
  readonly name: string
  readonly responds: GroupVersionKind
  readonly verbs: readonly string[]
}

export interface DiscoveredResource {
  readonly kind: Kind
  readonly verbs: readonly string[]
  readonly subresources: readonly DiscoveredSubresource[]
}

export interface DiscoveredVersion {
  readonly version: string
  readonly groupVersion: string
  readonly resources: readonly DiscoveredResource[]
}

export interface DiscoveredGroup {
  /** Empty: the core group. */
  readonly name: string
  /** The preferred one first. */
  readonly versions: readonly DiscoveredVersion[]
}

/** Kubernetes' order: a name that several groups have (`events`) means the first of them. Others follow by name. */
const groupOrder = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'resource.k8s.io',
  'storagemigration.k8s.io',
  'internal.apiserver.k8s.io',
]

/** A version that another server serves. */
interface OtherVersion {
  readonly group: string
  readonly version: string
  readonly groupPriority: number
  readonly versionPriority: number
  readonly resources: readonly DiscoveredResource[]
}

/** The groups of this server, and among those of other origin the ones that other servers serve. */
export function allGroups(kinds: readonly Kind[], others: readonly OtherVersion[]): DiscoveredGroup[] {
  const names = new Set(others.map(({ group, version }) => `${group}/${version}`))
  const own = discoveredGroups(kinds.filter(({ group, version }) => !names.has(`${group}/${version}`)))
  const groups = Map.groupBy(others, ({ group }) => group)
  const priority = (name: string): number =>
    Math.max(0, ...(groups.get(name) ?? []).map(({ groupPriority }) => groupPriority))
  const added = [...groups.keys()].toSorted(
    (left, right) => priority(right) - priority(left) || (left < right ? -1 : 1),
  )
  const merged = own.map((group) => ({
    name: group.name,
    versions: [...group.versions, ...remoteVersions(groups.get(group.name) ?? [])],
  }))
  const known = new Set(own.map(({ name }) => name))
  const further = added.filter((name) => !known.has(name))
  return [...merged, ...further.map((name) => ({ name, versions: remoteVersions(groups.get(name) ?? []) }))]
}

function remoteVersions(versions: readonly OtherVersion[]): DiscoveredVersion[] {
  return versions
    .toSorted(
      (left, right) => right.versionPriority - left.versionPriority || byVersionPriority(left.version, right.version),
    )
    .map(({ group, version, resources }) => ({ version, groupVersion: `${group}/${version}`, resources }))
}

export function discoveredGroups(kinds: readonly Kind[]): DiscoveredGroup[] {
  const groups = Map.groupBy(kinds, (kind) => kind.group)
  return [...groups.keys()].toSorted(byGroupOrder).map((name) => {
    const versions = Map.groupBy(groups.get(name) ?? [], (kind) => kind.version)
    return {
      name,
      versions: [...versions.keys()].toSorted(byVersionPriority).map((version) => ({
        version,
        groupVersion: name === '' ? version : `${name}/${version}`,
        resources: (versions.get(version) ?? []).toSorted(byPlural).map(discoveredResource),
      })),
    }
  })
}

function byGroupOrder(left: string, right: string): number {
  const place = (name: string): number => (groupOrder.includes(name) ? groupOrder.indexOf(name) : groupOrder.length)
  return place(left) - place(right) || (left < right ? -1 : 1)
}

const byPlural = (left: Kind, right: Kind): number => (left.plural < right.plural ? -1 : 1)

function discoveredResource(kind: Kind): DiscoveredResource {
  const fact = resourceFact(kind.group, kind.version, kind.plural)
  return {
    kind,
    verbs: fact !== undefined ? discoveryVerbs(fact.verbs) : kind.custom?.terminating === true ? endingVerbs : allVerbs,
    subresources: fact === undefined ? declaredSubresources(kind) : factSubresources(fact),
  }
}

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
/** Of a kind whose definition is being deleted. */
const endingVerbs = ['delete', 'deletecollection', 'get', 'list', 'watch']
const statusVerbs = ['get', 'patch', 'update']

const verbOfMethod: Readonly<Record<string, string>> = { post: 'create', put: 'update' }

/** The facts name methods of paths; what can be both listed and deleted is stored, and so can be watched. */
function discoveryVerbs(methods: readonly string[]): string[] {
  const verbs = methods.map((method) => verbOfMethod[method] ?? method)
  if (verbs.includes('list') && verbs.includes('delete')) verbs.push('watch')
  return verbs.toSorted()
}

const streamVerbs = ['create', 'get']
const proxyVerbs = ['create', 'delete', 'get', 'patch', 'update']

function factSubresources(fact: ResourceFact): DiscoveredSubresource[] {
  return Object.entries(fact.subresources)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, { kind, verbs }]) => ({
      name,
      responds: parseKindName(kind),
      verbs: verbs.includes('connect') ? (name === 'proxy' ? proxyVerbs : streamVerbs) : discoveryVerbs(verbs),
    }))
}

function declaredSubresources(kind: Kind): DiscoveredSubresource[] {
  const own = { group: kind.group, version: kind.version, kind: kind.kind }
  const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
  return [
    ...(kind.subresources.scale === undefined ? [] : [{ name: 'scale', responds: scale, verbs: statusVerbs }]),
    ...(kind.subresources.status === true ? [{ name: 'status', responds: own, verbs: statusVerbs }] : []),
  ]
}

/** `apps/v1/Deployment` or `v1/Pod`. */
function parseKindName(text: string): GroupVersionKind {
  const [kind = '', version = '', group = ''] = text.split('/').toReversed()
  return { group, version, kind }
}
