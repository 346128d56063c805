import type { Kind } from '../../src-main/api/define-kind.ts'
import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import type { State } from '../components/state.ts'
import type { IconName } from '../theme/icon-paths.ts'

/** Texts of a cell: `mark` after the state's shape, `value` in the fixed font, `age` ticks by itself. */
export type CellStyle = 'mark' | 'name' | 'value' | 'words' | 'age' | 'count'

/** A column of a page's table. Methods, so that views of different kinds stand in one list. */
export interface ViewColumn<T> {
  /** The name of the kind's own column, or one of ours. */
  readonly name: string
  /** A track of a CSS grid. */
  readonly width: string
  readonly style?: CellStyle
  /** The text, when it is not that of the kind's column; for `age`, the time. */
  text?(object: Live<T>, nowUnixMs: number): string
  /** Where the text is one of a few words: the texts' keys begin so. */
  readonly words?: string
  /** What orders rows; the text when absent. */
  order?(object: Live<T>, nowUnixMs: number): number | string
}

/** All that a resource's page needs: its list of columns, and what is particular to it. */
export interface ResourceView<T extends KubernetesObject = KubernetesObject> {
  readonly kind: Kind<T>
  readonly icon: IconName
  readonly columns: readonly ViewColumn<T>[]
  /** The column that orders rows at first. */
  readonly sort: { readonly column: string; readonly descending: boolean }
  state?(object: Live<T>): State
  /** The page of one object, for kinds that have one. */
  pageOf?(object: Live<T>): string
}

export function cellText<T extends KubernetesObject>(
  view: ResourceView<T>,
  column: ViewColumn<T>,
  object: Live<T>,
  nowUnixMs: number,
): string {
  if (column.text !== undefined) return column.text(object, nowUnixMs)
  if (column.style === 'age') return object.metadata.creationTimestamp
  if (column.name === 'Namespace') return object.metadata.namespace ?? ''
  if (column.name === 'Name' && view.kind.columns === undefined) return object.metadata.name
  const own = view.kind.columns?.find(({ name }) => name === column.name)
  return String(own?.cell(object, nowUnixMs) ?? '')
}
