import type { KubernetesObject, Live } from '../../../src-main/api/meta/object.ts'
import { keyOf } from '../../../src-main/api/meta/object.ts'
import { cellText, type ResourceView } from '../../kinds/resource-view.ts'

export interface Row<T> {
  readonly key: string
  readonly object: Live<T>
  /** Deleted, and shown only because rows must not move now. */
  readonly gone: boolean
}

export interface Sort {
  readonly column: string
  readonly descending: boolean
}

const collator = new Intl.Collator('en', { numeric: true })

/** Rows in the order that a column gives; names decide between equals, so that the order is always the same. */
export function sortObjects<T extends KubernetesObject>(
  view: ResourceView<T>,
  objects: readonly Live<T>[],
  { column: name, descending }: Sort,
  nowUnixMs: number,
): Live<T>[] {
  const column = view.columns.find((one) => one.name === name)
  const keyed = objects.map((object) => ({
    object,
    key: keyOf(object),
    order: column === undefined ? '' : (column.order?.(object, nowUnixMs) ?? cellText(view, column, object, nowUnixMs)),
  }))
  const direction = descending ? -1 : 1
  return keyed
    .sort((a, b) => direction * compare(a.order, b.order) || collator.compare(a.key, b.key))
    .map(({ object }) => object)
}

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
}

/**
 * The rows while the pointer is on the table: each stays where it was with its newest state, one that was deleted stays
 * as `gone`, and new ones come at the end.
 */
export function holdRows<T extends KubernetesObject>(shown: readonly Row<T>[], wanted: readonly Live<T>[]): Row<T>[] {
  const present = new Map(wanted.map((object) => [keyOf(object), object]))
  const kept = shown.map((row) => {
    const object = present.get(row.key)
    present.delete(row.key)
    if (object === undefined) return row.gone ? row : { ...row, gone: true }
    return object === row.object && !row.gone ? row : { ...row, object, gone: false }
  })
  return [...kept, ...[...present].map(([key, object]) => ({ key, object, gone: false }))]
}

/** The rows as they should be, with the row values that did not change kept for the renderer. */
export function settleRows<T extends KubernetesObject>(shown: readonly Row<T>[], wanted: readonly Live<T>[]): Row<T>[] {
  const before = new Map(shown.map((row) => [row.key, row]))
  return wanted.map((object) => {
    const key = keyOf(object)
    const row = before.get(key)
    return row !== undefined && row.object === object && !row.gone ? row : { key, object, gone: false }
  })
}

/** The slice of rows that a scrolled window shows, with some more on each side. */
export function visibleRange(
  count: number,
  scrollTop: number,
  height: number,
  rowHeight: number,
  margin = 8,
): { readonly first: number; readonly end: number } {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight) - margin))
  return { first, end: Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + margin) }
}
