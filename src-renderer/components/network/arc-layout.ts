/** Where services, pods and machines stand, and the lines between them; pure. */
import type { Live } from '../../../src-main/api/meta/object.ts'
import type { Service } from '../../../src-main/api/types/core-v1.ts'
import { serviceState } from '../../kinds/network.ts'
import { noPath, type ServicePath } from '../../kinds/service-paths.ts'
import type { State } from '../state.ts'

/** More than these would be a wall of lines. */
export const mostServices = 24
export const mostPods = 60
export const rowHeight = 30

export interface ArcNode {
  /** `services/default/web`, `pods/default/web-1`, `nodes/worker-1`; an address behind no pod has none. */
  readonly address: string | undefined
  readonly text: string
  readonly note: string
  readonly state: State
  readonly y: number
}

export interface ArcLine {
  readonly from: ArcNode
  readonly to: ArcNode
  /** The services that this line serves. */
  readonly services: readonly string[]
  readonly isReady: boolean
}

export interface ArcMap {
  readonly services: readonly ArcNode[]
  readonly pods: readonly ArcNode[]
  readonly machines: readonly ArcNode[]
  readonly toPods: readonly ArcLine[]
  readonly toMachines: readonly ArcLine[]
  readonly height: number
  /** Services and pods that found no room. */
  readonly more: number
}

interface PodPlace {
  readonly key: string
  readonly namespace: string
  readonly text: string
  readonly pod: string | undefined
  readonly address: string
  readonly node: string | undefined
  readonly isReady: boolean
  readonly services: string[]
}

/** Those with endpoints come first, so that what is drawn is what works. */
export function arcMap(
  services: readonly Live<Service>[],
  paths: ReadonlyMap<string, ServicePath>,
  machines: readonly string[],
): ArcMap {
  const keyed = services
    .map((service) => {
      const key = `${service.metadata.namespace ?? ''}/${service.metadata.name}`
      return { service, key, path: paths.get(key) ?? noPath }
    })
    .sort(
      (a, b) => Number(b.path.endpoints.length > 0) - Number(a.path.endpoints.length > 0) || a.key.localeCompare(b.key),
    )
  const drawn = keyed.slice(0, mostServices)
  const places = podPlaces(drawn)
  const shown = places.slice(0, mostPods)
  const height = rowHeight * Math.max(1, drawn.length, shown.length, machines.length)
  const at = (index: number, count: number): number => ((index + 0.5) * height) / Math.max(1, count)

  const serviceNodes = new Map(
    drawn.map(({ service, key, path }, index) => [
      key,
      {
        address: `services/${key}`,
        text: service.metadata.name,
        note: service.spec?.clusterIP ?? '',
        state: serviceState({ ...service, path }),
        y: at(index, drawn.length),
      },
    ]),
  )
  const machineNodes = new Map(
    machines.map((name, index) => [
      name,
      { address: `nodes/${name}`, text: name, note: '', state: 'running' as const, y: at(index, machines.length) },
    ]),
  )
  const podNodes = shown.map((place, index) => ({
    place,
    node: {
      address: place.pod === undefined ? undefined : `pods/${place.namespace}/${place.pod}`,
      text: place.text,
      note: place.address,
      state: place.isReady ? ('running' as const) : ('waiting' as const),
      y: at(index, shown.length),
    },
  }))
  return {
    services: [...serviceNodes.values()],
    pods: podNodes.map(({ node }) => node),
    machines: [...machineNodes.values()],
    toPods: podNodes.flatMap(({ place, node }) =>
      place.services.flatMap((key) => {
        const from = serviceNodes.get(key)
        return from === undefined ? [] : [{ from, to: node, services: [from.address], isReady: place.isReady }]
      }),
    ),
    toMachines: podNodes.flatMap(({ place, node }) => {
      const to = machineNodes.get(place.node ?? '')
      const own = place.services.map((key) => `services/${key}`)
      return to === undefined ? [] : [{ from: node, to, services: own, isReady: place.isReady }]
    }),
    height,
    more: keyed.length - drawn.length + places.length - shown.length,
  }
}

/** Each pod once, however many services lead to it. */
function podPlaces(services: readonly { readonly key: string; readonly path: ServicePath }[]): PodPlace[] {
  const places = new Map<string, PodPlace>()
  for (const { key, path } of services) {
    const [namespace = ''] = key.split('/')
    for (const { address, pod, node, ready } of path.endpoints) {
      const placeKey = `${namespace}/${pod ?? address}`
      const known = places.get(placeKey)
      if (known === undefined)
        places.set(placeKey, {
          ...{ key: placeKey, namespace, pod, address, node },
          text: pod ?? address,
          isReady: ready,
          services: [key],
        })
      else if (!known.services.includes(key)) known.services.push(key)
    }
  }
  return [...places.values()]
}

/** A line from one column to the next, level at both ends. */
export function arcPath(fromX: number, from: ArcNode, toX: number, to: ArcNode): string {
  const middle = (fromX + toX) / 2
  const y = (node: ArcNode): string => node.y.toFixed(1)
  return `M${fromX} ${y(from)}C${middle} ${y(from)} ${middle} ${y(to)} ${toX} ${y(to)}`
}
