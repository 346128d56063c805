import type { KubernetesObject } from '../../src-main/api/meta/object.ts'
import type { ViewColumn } from './resource-view.ts'

export const nameColumn = (width: string): ViewColumn<KubernetesObject> => ({ name: 'Name', width, style: 'name' })

export const namespaceColumn: ViewColumn<KubernetesObject> = {
  name: 'Namespace',
  width: 'minmax(100px, 1fr)',
  style: 'value',
}

/** The youngest first: an age orders by the time of birth, backwards. */
export const ageColumn: ViewColumn<KubernetesObject> = {
  name: 'Age',
  width: '72px',
  style: 'age',
  order: ({ metadata }) => -Date.parse(metadata.creationTimestamp),
}
