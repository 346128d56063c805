import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import { cellText, type ResourceView } from './resource-view.ts'

export interface ObjectFilter {
  readonly namespace?: string
  /** A part of any name-like cell. */
  readonly text?: string
  /** The exact text of the column that tells the state. */
  readonly state?: string
}

/** The objects that pass; an empty text lets everything pass. */
export function filterObjects<T extends KubernetesObject>(
  view: ResourceView<T>,
  objects: readonly Live<T>[],
  { namespace = '', text = '', state = '' }: ObjectFilter,
): readonly Live<T>[] {
  if (namespace === '' && text === '' && state === '') return objects
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return objects.filter(
    (object) =>
      (namespace === '' || object.metadata.namespace === undefined || object.metadata.namespace === namespace) &&
      (state === '' || stateText(view, object) === state) &&
      words.every((word) => searchText(view, object).includes(word)),
  )
}

/** The state texts there are, the most frequent first. */
export function statesOf<T extends KubernetesObject>(
  view: ResourceView<T>,
  objects: readonly Live<T>[],
): { text: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const object of objects) {
    const text = stateText(view, object)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].map(([text, count]) => ({ text, count })).sort((a, b) => b.count - a.count)
}

function stateText<T extends KubernetesObject>(view: ResourceView<T>, object: Live<T>): string {
  const column = view.columns.find(({ style }) => style === 'mark')
  return column === undefined ? '' : cellText(view, column, object, 0)
}

/** Ages and counts change by themselves: nobody looks for them. */
function searchText<T extends KubernetesObject>(view: ResourceView<T>, object: Live<T>): string {
  const columns = view.columns.filter(({ style, name }) => style !== 'age' && style !== 'count' && name !== 'Restarts')
  return columns
    .map((column) => cellText(view, column, object, 0))
    .join(' ')
    .toLowerCase()
}
