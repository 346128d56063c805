/** The discovery documents, as `/api` and `/apis` give them: one by one, or all at once (aggregated). */
import { createHash } from 'node:crypto'
import type { Kind } from '../api/define-kind.ts'
import { parseAccept } from './accept.ts'
import type { RemoteVersion } from './aggregation/remote-resources.ts'
import {
  allGroups,
  type DiscoveredGroup,
  type DiscoveredResource,
  type DiscoveredVersion,
  type GroupVersionKind,
} from './discovery-model.ts'

export type AggregatedVersion = 'v2' | 'v2beta1'

export interface DiscoveryDocument {
  readonly contentType: string
  readonly bytes: Uint8Array
  readonly etag: string
  /** What it says, for clients that want another form than JSON; absent when it has no other form. */
  readonly object?: object
}

/** Documents of the kinds that are served now, each made on first use and kept until the kinds change. */
export interface Discovery {
  /**
   * Undefined when there is no such group or version, or no discovery at this path. `address`: the one by which the
   * client found this server.
   */
  document(path: string, accept: string | undefined, address?: string): DiscoveryDocument | undefined
}

export function createDiscovery(
  kinds: () => readonly Kind[],
  others: () => readonly RemoteVersion[] = () => [],
): Discovery {
  let elsewhere: readonly RemoteVersion[] = []
  let served: readonly Kind[] = []
  let groups: readonly DiscoveredGroup[] = []
  const documents = new Map<string, DiscoveryDocument>()
  return {
    document(path, accept, address) {
      const now = kinds()
      if (!sameKinds(now, served) || (elsewhere !== others() && elsewhere.length + others().length > 0)) {
        served = now
        elsewhere = others()
        groups = allGroups(now, elsewhere)
        documents.clear()
      }
      const segments = path.split('/').filter((segment) => segment !== '')
      const aggregated = segments.length === 1 ? aggregatedVersion(accept) : undefined
      // Clients may name this server as they like, so documents with their words are not kept.
      if (aggregated === undefined && segments.join('/') === 'api') return written(coreVersions(groups, address))
      const key = `${segments.join('/')} ${aggregated ?? ''}`
      const made = documents.get(key)
      if (made !== undefined) return made
      const content = aggregated === undefined ? plain(groups, segments) : aggregate(groups, segments, aggregated)
      if (content === undefined) return undefined
      const document = written(content, aggregated)
      documents.set(key, document)
      return document
    },
  }
}

function written(content: object, aggregated?: AggregatedVersion): DiscoveryDocument {
  const bytes = Buffer.from(JSON.stringify(content))
  return {
    contentType: aggregated === undefined ? 'application/json' : aggregatedType(aggregated),
    bytes,
    etag: `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"`,
    ...(aggregated === undefined ? { object: content } : {}),
  }
}

function coreVersions(groups: readonly DiscoveredGroup[], address: string | undefined): object {
  const core = groups.find(({ name }) => name === '')
  return {
    kind: 'APIVersions',
    versions: (core?.versions ?? []).map(({ version }) => version),
    serverAddressByClientCIDRs: address === undefined ? [] : [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  }
}

export const sameKinds = (left: readonly Kind[], right: readonly Kind[]): boolean =>
  left === right || (left.length === right.length && left.every((kind, index) => kind === right[index]))

const aggregatedType = (version: AggregatedVersion): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`

/** The client's first choice that there is; undefined: the documents one by one. */
function aggregatedVersion(accept: string | undefined): AggregatedVersion | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== 'application/json' && !type.endsWith('/*')) continue
    const as = parameters.get('as')
    if (as === undefined) return undefined
    const version = parameters.get('v')
    const group = parameters.get('g')
    if (
      as === 'APIGroupDiscoveryList' &&
      group === 'apidiscovery.k8s.io' &&
      (version === 'v2' || version === 'v2beta1')
    )
      return version
  }
  return undefined
}

function plain(groups: readonly DiscoveredGroup[], [root, ...segments]: readonly string[]): object | undefined {
  const isCore = root === 'api'
  if (!isCore && root !== 'apis') return undefined
  const [groupName, versionName, more] = isCore ? ['', ...segments] : segments
  if (more !== undefined) return undefined
  if (groupName === undefined)
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.filter(({ name }) => name !== '').map(groupSummary),
    }
  const group = groups.find(({ name }) => name === groupName)
  if (group === undefined || (!isCore && groupName === '')) return undefined
  if (versionName === undefined)
    return isCore ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupSummary(group) }
  const version = group.versions.find((one) => one.version === versionName)
  return version === undefined ? undefined : resourceList(version)
}

function groupSummary({ name, versions }: DiscoveredGroup): object {
  const summaries = versions.map(({ groupVersion, version }) => ({ groupVersion, version }))
  return { name, versions: summaries, preferredVersion: summaries[0] }
}

function resourceList({ groupVersion, resources }: DiscoveredVersion): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: resources.flatMap(({ kind, verbs, subresources }) => [
      {
        name: kind.plural,
        singularName: kind.singular,
        namespaced: kind.namespaced,
        kind: kind.kind,
        verbs,
        ...namesOf(kind),
      },
      ...subresources.map((subresource) => ({
        name: `${kind.plural}/${subresource.name}`,
        singularName: '',
        namespaced: kind.namespaced,
        ...(sameVersion(kind, subresource.responds)
          ? {}
          : { group: subresource.responds.group, version: subresource.responds.version }),
        kind: subresource.responds.kind,
        verbs: subresource.verbs,
      })),
    ]),
  }
}

const sameVersion = (kind: Kind, other: GroupVersionKind): boolean =>
  kind.group === other.group && kind.version === other.version

function namesOf(kind: Kind): object {
  return {
    ...(kind.short.length === 0 ? {} : { shortNames: kind.short }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
  }
}

function aggregate(
  groups: readonly DiscoveredGroup[],
  segments: readonly string[],
  version: AggregatedVersion,
): object | undefined {
  const [root] = segments
  if (root !== 'api' && root !== 'apis') return undefined
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups
      .filter(({ name }) => (name === '') === (root === 'api'))
      .map(({ name, versions }) => ({
        metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
        versions: versions.map((one) => ({
          version: one.version,
          resources: one.resources.map(aggregatedResource),
          freshness: 'Current',
        })),
      })),
  }
}

function aggregatedResource({ kind, verbs, subresources }: DiscoveredResource): object {
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs,
    ...namesOf(kind),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((one) => ({
            subresource: one.name,
            responseKind: one.responds,
            verbs: one.verbs,
          })),
        }),
  }
}
