import { labelSelectorFromMap } from '../../../src-main/api/meta/label-selector.ts'
import type { Live } from '../../../src-main/api/meta/object.ts'
import type { Pod, Service } from '../../../src-main/api/types/core-v1.ts'

/** More arcs than these would hide the map. */
const mostServices = 20
const mostArcs = 24

/** The pods of each node, the oldest first, so that a pod keeps its place while others come. */
export function podsByNode(pods: readonly Live<Pod>[]): ReadonlyMap<string, readonly Live<Pod>[]> {
  const map = new Map<string, Live<Pod>[]>()
  const sorted = [...pods].sort(
    (a, b) =>
      a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
      a.metadata.name.localeCompare(b.metadata.name),
  )
  for (const pod of sorted) {
    const name = pod.spec?.nodeName
    if (name === undefined) continue
    const found = map.get(name)
    if (found === undefined) map.set(name, [pod])
    else found.push(pod)
  }
  return map
}

/** The services that select pods, each with those of the drawn bodies that it selects. */
export function selectedBodies<B extends { readonly pod: Live<Pod> }>(
  services: readonly Live<Service>[],
  bodies: readonly B[],
): { readonly service: Live<Service>; readonly bodies: readonly B[] }[] {
  return services
    .filter(({ spec }) => Object.keys(spec?.selector ?? {}).length > 0)
    .slice(0, mostServices)
    .map((service) => {
      const selector = labelSelectorFromMap(service.spec?.selector)
      const selected = bodies.filter(
        ({ pod }) =>
          pod.metadata.namespace === service.metadata.namespace && selector.matches(pod.metadata.labels ?? {}),
      )
      return { service, bodies: selected.slice(0, mostArcs) }
    })
}
