/** The one list of kinds: those with a file of their own, and all others of the schema data. */
import { defineKind, type Kind } from '../define-kind.ts'
import { deployment } from './apps/deployment.ts'
import { replicaSet } from './apps/replica-set.ts'
import { lease } from './coordination/lease.ts'
import { configMap } from './core/config-map.ts'
import { endpoints } from './core/endpoints.ts'
import { event } from './core/event.ts'
import { namespace } from './core/namespace.ts'
import { node } from './core/node.ts'
import { pod } from './core/pod.ts'
import { secret } from './core/secret.ts'
import { serviceAccount } from './core/service-account.ts'
import { service } from './core/service.ts'
import { endpointSlice } from './discovery/endpoint-slice.ts'
import { timeline } from './glass/timeline.ts'
import { lab } from './lab/lab.ts'
import { machine } from './lab/machine.ts'
import { resourceFacts, type ResourceFact } from './resource-facts.ts'
import { namesOf } from './resource-names.ts'

const ownFiles: readonly Kind[] = [
  configMap,
  deployment,
  endpoints,
  endpointSlice,
  event,
  lab,
  lease,
  machine,
  namespace,
  node,
  pod,
  replicaSet,
  secret,
  service,
  serviceAccount,
  timeline,
]

const resourceKey = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`
const nameKey = (apiVersion: string, kind: string): string => `${apiVersion} ${kind}`

const withFile = new Map(ownFiles.map((kind) => [resourceKey(kind.group, kind.version, kind.plural), kind]))

function fromFact(fact: ResourceFact): Kind {
  const { short, categories, scale } = namesOf(fact.group, fact.resource)
  return defineKind({
    group: fact.group,
    version: fact.version,
    kind: fact.kind,
    plural: fact.resource,
    scope: fact.namespaced ? 'Namespaced' : 'Cluster',
    ...(short === undefined ? {} : { short }),
    ...(categories === undefined ? {} : { categories }),
    subresources: {
      ...('status' in fact.subresources ? { status: true } : {}),
      ...(scale === undefined ? {} : { scale }),
    },
  })
}

/** Every resource that the server knows without a CRD, in the order of the schema data. */
export const kinds: readonly Kind[] = resourceFacts.map(
  (fact) => withFile.get(resourceKey(fact.group, fact.version, fact.resource)) ?? fromFact(fact),
)

const byResource = new Map(kinds.map((kind) => [resourceKey(kind.group, kind.version, kind.plural), kind]))
const byName = new Map(kinds.map((kind) => [nameKey(kind.apiVersion, kind.kind), kind]))

/** The built-in kind behind a path such as `/apis/apps/v1/…/deployments`. */
export function kindByResource(group: string, version: string, plural: string): Kind | undefined {
  return byResource.get(resourceKey(group, version, plural))
}

/** The built-in kind that an object's `apiVersion` and `kind` mean. */
export function kindByName(apiVersion: string, kind: string): Kind | undefined {
  return byName.get(nameKey(apiVersion, kind))
}
