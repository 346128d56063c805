/** Lists and objects as tables: what `kubectl get` and the UI show. */
import type { Column, Kind } from '../api/define-kind.ts'
import { badRequest } from '../api/errors.ts'
import { fieldErrorBody, invalid } from '../api/field-error.ts'
import { humanAge } from '../api/meta/duration.ts'
import type { DynamicObject } from '../api/meta/object.ts'
import { peekAt, type StoredObject } from './request.ts'

export interface ColumnDefinition {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly description: string
  readonly priority: number
}

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface TableOptions {
  readonly version: 'v1' | 'v1beta1'
  readonly includeObject: IncludeObject
  readonly nowUnixMs: number
}

type Cell = string | number | boolean | null

const nameColumn: Column<DynamicObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name, unique among the objects of its kind in a namespace',
  cell: (object) => object.metadata?.name ?? '',
}
const ageColumn: Column<DynamicObject> = {
  name: 'Age',
  type: 'string',
  description: 'How long ago the server created it',
  cell: (object, nowUnixMs) => humanAge(object.metadata?.creationTimestamp, nowUnixMs),
}
const createdColumn: Column<DynamicObject> = {
  name: 'Created At',
  type: 'date',
  description: 'When the server created it',
  cell: (object) => object.metadata?.creationTimestamp ?? '<unknown>',
}

/** All columns of a kind, in order: as kubectl's users know it, the age stands before what only `-o wide` shows. */
export function columnsOf(kind: Kind): readonly Column<DynamicObject>[] {
  const known = columnsByKind.get(kind)
  if (known !== undefined) return known
  const columns = makeColumns(kind)
  columnsByKind.set(kind, columns)
  return columns
}

/** Asked for each row. */
const columnsByKind = new WeakMap<Kind, readonly Column<DynamicObject>[]>()

function makeColumns(kind: Kind): readonly Column<DynamicObject>[] {
  if (kind.columns === undefined) return [nameColumn, createdColumn]
  // A kind's columns read objects of that kind, and those are what they are given.
  const own = kind.columns as readonly Column<DynamicObject>[]
  if (kind.ownColumns === true) return own
  const isWide = ({ priority = 0 }: Column<DynamicObject>): boolean => priority > 0
  return [nameColumn, ...own.filter((column) => !isWide(column)), ageColumn, ...own.filter(isWide)]
}

export function columnDefinitions(kind: Kind): ColumnDefinition[] {
  return columnsOf(kind).map(({ name, type, format = '', description = '', priority = 0 }) => ({
    name,
    type,
    format,
    description,
    priority,
  }))
}

/** One row as JSON. */
export function rowText(kind: Kind, stored: StoredObject, options: TableOptions): string {
  const columns = columnsOf(kind)
  const object = peekAt(stored)
  const cells = columns.map((column) => cellOf(column, object, options.nowUnixMs))
  return `{"cells":${JSON.stringify(cells)},"object":${includedText(stored, object, options)}}`
}

/** A bookmark says how far the watch is; there is no object whose cells it could show. */
export function bookmarkRowText(stored: StoredObject, options: TableOptions): string {
  return `{"cells":[],"object":${includedText(stored, stored.object, options)}}`
}

/** A table's text up to its rows. `headers` is off for the later events of a watch. */
export function tableHead(kind: Kind, metadata: object, options: TableOptions, headers: boolean): string {
  const definitions = headers ? JSON.stringify(columnDefinitions(kind)) : 'null'
  return (
    `{"kind":"Table","apiVersion":"meta.k8s.io/${options.version}","metadata":${JSON.stringify(metadata)},` +
    `"columnDefinitions":${definitions},"rows":[`
  )
}

export const tableTail = ']}'

/** What the client wants to have of each object beside the cells, from the query. */
export function includeObjectOf(value: string | null): IncludeObject {
  if (value === null || value === '') return 'Metadata'
  if (value === 'None' || value === 'Object' || value === 'Metadata') return value
  const error = invalid('includeObject', value, "must be 'Metadata', 'Object', 'None', or empty")
  throw badRequest(`Unable to convert to Table as requested: ${error.path}: ${fieldErrorBody(error)}`)
}

/** Metadata alone, as a `PartialObjectMetadata`. */
export function partialObject({ metadata = {} }: DynamicObject, version: 'v1' | 'v1beta1'): DynamicObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata }
}

export const partialObjectText = (object: DynamicObject, version: 'v1' | 'v1beta1'): string =>
  JSON.stringify(partialObject(object, version))

function includedText(stored: StoredObject, object: DynamicObject, { includeObject, version }: TableOptions): string {
  switch (includeObject) {
    case 'None':
      return 'null'
    case 'Metadata':
      return partialObjectText(object, version)
    case 'Object':
      return Buffer.from(stored.bytes()).toString()
  }
}

/** A cell must never cost the user the whole table: an object that a column cannot read shows as unknown. */
function cellOf(column: Column<DynamicObject>, object: DynamicObject, nowUnixMs: number): Cell {
  try {
    return column.cell(object, nowUnixMs)
  } catch {
    return '<unknown>'
  }
}
