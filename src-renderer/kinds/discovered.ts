/** Kinds that are known from discovery alone, custom resources among them. */
import { defineKind, type Kind } from '../../src-main/api/define-kind.ts'
import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import { cellsOf, type TableColumn } from '../table-transport.ts'
import type { IconName } from '../theme/icon-paths.ts'
import { ageColumn, nameColumn, namespaceColumn } from './columns.ts'
import type { ResourceView, ViewColumn } from './resource-view.ts'

/** One entry of a discovery document. */
export interface ApiResource {
  readonly name: string
  readonly singularName?: string
  readonly kind: string
  readonly namespaced: boolean
  readonly shortNames?: readonly string[]
  readonly verbs: readonly string[]
}

export interface DiscoveredKind {
  /** `configmaps.v1`, `widgets.v1.example.com`: how addresses and kubectl name it in full. */
  readonly id: string
  readonly kind: Kind
  readonly verbs: readonly string[]
  readonly hasScale: boolean
}

export const kindId = (group: string, version: string, plural: string): string =>
  [plural, version, ...(group === '' ? [] : [group])].join('.')

/** The kinds of a group's version that can be listed, by name. */
export function kindsOf(group: string, version: string, resources: readonly ApiResource[]): DiscoveredKind[] {
  const scaled = new Set(resources.map(({ name }) => name).filter((name) => name.endsWith('/scale')))
  return resources
    .filter(({ name, verbs }) => !name.includes('/') && verbs.includes('list'))
    .map(({ name, singularName, kind, namespaced, shortNames = [], verbs }) => ({
      id: kindId(group, version, name),
      verbs,
      hasScale: scaled.has(`${name}/scale`),
      kind: defineKind<KubernetesObject>({
        ...{ group, version, kind, plural: name, short: shortNames },
        ...(singularName === undefined || singularName === '' ? {} : { singular: singularName }),
        scope: namespaced ? 'Namespaced' : 'Cluster',
      }),
    }))
    .sort((a, b) => a.kind.kind.localeCompare(b.kind.kind))
}

/** The page of a kind as its table's columns say. With `wide`, those too that only matter sometimes. */
export function discoveredView(
  { kind }: DiscoveredKind,
  columns: readonly TableColumn[] | undefined,
  wide: boolean,
): ResourceView {
  const own = (columns ?? []).flatMap(({ name, type, priority }, index): ViewColumn<KubernetesObject>[] => {
    if (name === 'Name' || name === 'Age' || (priority > 0 && !wide)) return []
    const text = (object: Live<KubernetesObject>): string => String(cellsOf(object)[index] ?? '')
    const order = (object: Live<KubernetesObject>): number | string => {
      const cell = cellsOf(object)[index]
      return typeof cell === 'number' ? cell : String(cell ?? '')
    }
    // A custom resource's dates come as ages already; only what is a time can tick.
    if (name === 'Created At') return [{ name, width: '96px', text, order, style: 'age' }]
    const isCount = type === 'integer' || type === 'number'
    return [{ name, width: isCount ? '96px' : 'minmax(110px, 1fr)', text, order, style: isCount ? 'count' : 'value' }]
  })
  return {
    kind,
    icon: iconOf(kind),
    columns: [
      nameColumn('minmax(220px, 2fr)'),
      ...(kind.namespaced ? [namespaceColumn] : []),
      ...own,
      ...(columns?.some(({ name }) => name === 'Created At') === true ? [] : [ageColumn]),
    ],
    sort: { column: 'Name', descending: false },
  }
}

/** Whether some columns are left out without `wide`. */
export const hasWideColumns = (columns: readonly TableColumn[] | undefined): boolean =>
  columns?.some(({ priority }) => priority > 0) ?? false

const icons: Readonly<Record<string, IconName>> = {
  Namespace: 'namespace',
  Node: 'machine',
  Machine: 'machine',
  Lab: 'lab',
  Service: 'service',
  Endpoints: 'network',
  EndpointSlice: 'network',
  Ingress: 'network',
  NetworkPolicy: 'network',
  Event: 'event',
  Timeline: 'birth',
  Clock: 'clock',
  Deployment: 'deployment',
  ReplicaSet: 'deployment',
  StatefulSet: 'deployment',
  DaemonSet: 'deployment',
  Pod: 'pod',
}

export const iconOf = ({ kind }: Kind): IconName => icons[kind] ?? 'explore'
