/** Columns and cells that several kinds share. */
import type { Column } from '../define-kind.ts'
import { humanAge } from '../meta/duration.ts'
import { labelSelectorFrom, SelectorError } from '../meta/label-selector.ts'
import type { KubernetesObject } from '../meta/object.ts'
import type { PodSpec } from '../types/core-v1.ts'
import type { LabelSelector } from '../types/meta-v1.ts'

export const none = '<none>'
export const unknown = '<unknown>'
export const unset = '<unset>'

export const nameColumn: Column<KubernetesObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name, unique among the objects of its kind in a namespace',
  cell: (object) => object.metadata?.name ?? '',
}

export const ageColumn: Column<KubernetesObject> = {
  name: 'Age',
  type: 'string',
  description: 'How long ago the server created it',
  cell: (object, nowUnixMs) => humanAge(object.metadata?.creationTimestamp, nowUnixMs),
}

type Cell<T> = Column<T>['cell']

/** A column that always shows. */
export const column = <T>(name: string, type: Column<T>['type'], cell: Cell<T>): Column<T> => ({ name, type, cell })

/** A column that shows with `-o wide`. */
export const wideColumn = <T>(name: string, type: Column<T>['type'], cell: Cell<T>): Column<T> => ({
  name,
  type,
  priority: 1,
  cell,
})

/** Names and images of the containers of a pod spec, for `-o wide`. */
export function containerColumns<T>(specOf: (object: T) => PodSpec | undefined): readonly Column<T>[] {
  const containers = (object: T): PodSpec['containers'] => specOf(object)?.containers ?? []
  return [
    wideColumn('Containers', 'string', (object) =>
      containers(object)
        .map(({ name }) => name)
        .join(','),
    ),
    wideColumn('Images', 'string', (object) =>
      containers(object)
        .map(({ image = '' }) => image)
        .join(','),
    ),
  ]
}

/** `a=b,c=d` in the order of the keys. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {}).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return entries.length === 0 ? none : entries.map(([key, value]) => `${key}=${value}`).join(',')
}

/** A label selector as kubectl prints it: `a=b,c in (d,e)`. */
export function selectorText(selector: LabelSelector | undefined): string {
  try {
    return labelSelectorFrom(selector ?? {}).toString() || none
  } catch (error) {
    if (error instanceof SelectorError) return '<error>'
    throw error
  }
}

/** Up to `maximum` of the texts, and how many more there are. */
export function firstOf(texts: readonly string[], maximum: number): string {
  const shown = texts.slice(0, maximum).join(',')
  return texts.length > maximum ? `${shown} + ${texts.length - maximum} more...` : shown
}
