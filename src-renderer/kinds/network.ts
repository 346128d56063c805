import { node } from '../../src-main/api/kinds/core/node.ts'
import { service } from '../../src-main/api/kinds/core/service.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Node, Pod, Service } from '../../src-main/api/types/core-v1.ts'
import type { State } from '../components/state.ts'
import { ageColumn, nameColumn, namespaceColumn } from './columns.ts'
import { nodeState } from './nodes.ts'
import type { ResourceView } from './resource-view.ts'
import { dnsNames, nodePorts, portText, type ServicePath } from './service-paths.ts'

/** A service with the way to what answers for it. */
export interface ServiceRow extends Service {
  readonly path: ServicePath
}

/** Running: somebody answers. Services without a selector and without endpoints wait for nobody. */
export function serviceState({ spec, path }: ServiceRow): State {
  if (spec?.type === 'ExternalName') return 'unknown'
  const ready = path.endpoints.filter((one) => one.ready).length
  if (ready > 0) return ready === path.endpoints.length ? 'running' : 'warning'
  return Object.keys(spec?.selector ?? {}).length === 0 && path.endpoints.length === 0 ? 'unknown' : 'waiting'
}

export const networkServiceView: ResourceView<ServiceRow> = {
  kind: service,
  icon: 'service',
  columns: [
    nameColumn('minmax(110px, 1.4fr)'),
    namespaceColumn,
    { name: 'Type', width: '90px', style: 'words' },
    { name: 'Cluster-IP', width: '118px', style: 'value' },
    {
      name: 'Port(s)',
      width: 'minmax(150px, 1.2fr)',
      style: 'value',
      text: ({ spec }) => (spec?.ports ?? []).map(portText).join(', '),
    },
    {
      name: 'Endpoints',
      width: '96px',
      style: 'mark',
      text: ({ path }) => `${path.endpoints.filter(({ ready }) => ready).length}/${path.endpoints.length}`,
      order: ({ path }) => path.endpoints.length,
    },
    { name: 'Slices', width: '64px', style: 'count', text: ({ path }) => String(path.slices.length) },
    { name: 'Node ports', width: '90px', style: 'value', text: (object) => nodePorts(object).join(', ') },
    { name: 'DNS', width: 'minmax(262px, 2fr)', style: 'value', text: (object) => dnsNames(object).at(-1) ?? '' },
  ],
  sort: { column: 'Name', descending: false },
  state: serviceState,
}

/** A node with its part of the pods' network. */
export interface NodeNetworkRow extends Node {
  readonly addresses: number
  readonly proxyMode: string
}

export function nodeNetworkRows(
  nodes: readonly Live<Node>[],
  pods: readonly Live<Pod>[],
  proxyMode: string,
): Live<NodeNetworkRow>[] {
  const taken = new Map<string, number>()
  for (const { spec, status } of pods) {
    const name = spec?.nodeName
    if (name === undefined || spec?.hostNetwork === true || (status?.podIP ?? '') === '') continue
    taken.set(name, (taken.get(name) ?? 0) + 1)
  }
  return nodes.map((one) => ({ ...one, proxyMode, addresses: taken.get(one.metadata.name) ?? 0 }))
}

/** A network's addresses without its own, the broadcast's and the bridge's: `10.244.1.0/24` has 253. */
export function roomOf(cidr: string | undefined): number {
  const bits = Number(cidr?.split('/')[1])
  return Number.isInteger(bits) ? Math.max(0, 2 ** (32 - bits) - 3) : 0
}

export const nodeNetworkView: ResourceView<NodeNetworkRow> = {
  kind: node,
  icon: 'machine',
  columns: [
    nameColumn('minmax(130px, 1.4fr)'),
    { name: 'Status', width: '110px', style: 'mark' },
    { name: 'Internal-IP', width: '130px', style: 'value' },
    { name: 'Pod network', width: 'minmax(140px, 1fr)', style: 'value', text: ({ spec }) => spec?.podCIDR ?? '—' },
    {
      name: 'Pod addresses',
      width: 'minmax(120px, 1fr)',
      style: 'value',
      text: ({ addresses, spec }) => `${addresses} / ${roomOf(spec?.podCIDR)}`,
      order: ({ addresses }) => addresses,
    },
    { name: 'Proxy mode', width: 'minmax(110px, 1fr)', style: 'value', text: ({ proxyMode }) => proxyMode },
    ageColumn,
  ],
  sort: { column: 'Name', descending: false },
  state: nodeState,
}
