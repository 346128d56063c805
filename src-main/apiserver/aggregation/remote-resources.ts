/** What aggregated servers serve, in the form in which discovery tells of it. */
import { defineKind } from '../../api/define-kind.ts'
import type { APIResource, APIResourceList } from '../../api/types/meta-v1.ts'
import type { DiscoveredResource } from '../discovery-model.ts'

export interface RemoteVersion {
  readonly group: string
  readonly version: string
  readonly groupPriority: number
  readonly versionPriority: number
  readonly resources: readonly DiscoveredResource[]
}

export function remoteResources(
  group: string,
  version: string,
  { resources = [] }: APIResourceList,
): DiscoveredResource[] {
  const parts = resources.filter(({ name }) => name.includes('/'))
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => ({
      kind: defineKind({
        ...{ group, version, kind: resource.kind, plural: resource.name, singular: resource.singularName },
        ...{ short: resource.shortNames ?? [], categories: resource.categories ?? [] },
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      }),
      verbs: resource.verbs,
      subresources: parts
        .filter(({ name }) => name.startsWith(`${resource.name}/`))
        .map((part) => ({
          name: part.name.slice(resource.name.length + 1),
          responds: kindOf(part),
          verbs: part.verbs,
        })),
    }))

  function kindOf(part: APIResource): { group: string; version: string; kind: string } {
    return { group: part.group ?? group, version: part.version ?? version, kind: part.kind }
  }
}
