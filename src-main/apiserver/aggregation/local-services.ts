/** The APIServices of what this server serves itself: every group and version is listed as available. */
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.ts'
import type { APIService } from '../../api/types/apiregistration-v1.ts'
import { byVersionPriority } from '../../api/meta/version-priority.ts'
import { discoveredGroups } from '../discovery-model.ts'
import type { Kind } from '../../api/define-kind.ts'

export const managedLabel = 'kube-aggregator.kubernetes.io/automanaged'
const firstPriority = 18_000
const step = 50
const custom = { groupPriorityMinimum: 1000, versionPriority: 100 }

export const serviceNameOf = (group: string, version: string): string => `${version}.${group}`

/** Of the built-in kinds, in the order in which discovery names them. */
export function builtInServices(kinds: readonly Kind[]): APIService[] {
  return discoveredGroups(kinds).flatMap(({ name, versions }, index) =>
    versions.map(({ version }, place) =>
      localService(name, version, 'onstart', {
        groupPriorityMinimum: firstPriority - index * step,
        versionPriority: Math.max(1, 15 - place),
      }),
    ),
  )
}

/** Of the custom resources that are established and served. */
export function customServices(definitions: readonly CustomResourceDefinition[]): APIService[] {
  const wanted = new Map<string, APIService>()
  for (const { spec, status } of definitions) {
    if (!status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True')) continue
    for (const { name, served } of spec.versions.toSorted((left, right) => byVersionPriority(left.name, right.name)))
      if (served) wanted.set(serviceNameOf(spec.group, name), localService(spec.group, name, 'true', custom))
  }
  return [...wanted.values()]
}

function localService(
  group: string,
  version: string,
  managed: string,
  priorities: { readonly groupPriorityMinimum: number; readonly versionPriority: number },
): APIService {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: serviceNameOf(group, version), labels: { [managedLabel]: managed } },
    spec: { ...(group === '' ? {} : { group }), version, ...priorities },
  }
}
