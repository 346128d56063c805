/** Pods of the same make: what the services and the controller of a pod select. */
import type { Kind } from '../api/define-kind.ts'
import { kinds } from '../api/kinds/index.ts'
import { labelSelectorFrom, labelSelectorFromMap, type Selector } from '../api/meta/label-selector.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'
import { controllerOf } from '../api/meta/owner-references.ts'
import type { Pod, Service } from '../api/types/core-v1.ts'
import type { LabelSelector } from '../api/types/meta-v1.ts'
import type { Informer } from '../client/informer.ts'
import type { Informers } from '../client/informers.ts'

interface PodOwner extends KubernetesObject {
  readonly spec?: { readonly selector?: LabelSelector }
}

/** Informers of the kinds that control pods by a label selector, by the kind's name. */
export type PodOwners = ReadonlyMap<string, Informer<PodOwner>>

const ownerKinds = new Set(['replicasets', 'statefulsets'])

export function podOwners(informers: Informers): PodOwners {
  const controlling = kinds.filter(({ group, plural }) => group === 'apps' && ownerKinds.has(plural))
  return new Map(controlling.map((kind) => [kind.kind, informers.of(kind as Kind<PodOwner>)]))
}

export function siblingsFrom(services: Informer<Service>, owners: PodOwners): (pod: Live<Pod>) => Selector | undefined {
  return (pod) => {
    const { namespace, labels } = pod.metadata
    const matchLabels: Record<string, string> = {}
    for (const { spec } of services.lister.list(namespace)) {
      if (spec?.selector === undefined || Object.keys(spec.selector).length === 0) continue
      if (labelSelectorFromMap(spec.selector).matches(labels)) Object.assign(matchLabels, spec.selector)
    }
    const controller = controllerOf(pod)
    const owner =
      controller === undefined ? undefined : owners.get(controller.kind)?.lister.get(namespace, controller.name)
    const own = owner?.spec?.selector
    const selector = {
      matchLabels: { ...matchLabels, ...own?.matchLabels },
      matchExpressions: own?.matchExpressions ?? [],
    }
    const empty = Object.keys(selector.matchLabels).length === 0 && selector.matchExpressions.length === 0
    return empty ? undefined : labelSelectorFrom(selector)
  }
}
