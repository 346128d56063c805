/** The columns of a custom kind's table, from the `additionalPrinterColumns` of its CRD. */
import type { Column } from '../define-kind.ts'
import { humanAge } from '../meta/duration.ts'
import type { DynamicObject } from '../meta/object.ts'
import type { CustomResourceColumnDefinition } from '../types/apiextensions-v1.ts'
import { JsonPathError, parseJsonPath, type JsonPath } from './json-path.ts'

type Cell = ReturnType<Column<DynamicObject>['cell']>

const nameColumn: Column<DynamicObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name, unique among the objects of its kind in a namespace',
  cell: (object) => object.metadata?.name ?? '',
}

const age: CustomResourceColumnDefinition = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }

/** All columns; without any of its own, and with any that cannot be read, a kind shows its age. */
export function customColumns(definitions: readonly CustomResourceColumnDefinition[] = []): Column<DynamicObject>[] {
  try {
    return [nameColumn, ...(definitions.length === 0 ? [age] : definitions).map(columnFrom)]
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error
    return [nameColumn, columnFrom(age)]
  }
}

function columnFrom({
  name,
  type,
  format,
  description,
  priority = 0,
  jsonPath,
}: CustomResourceColumnDefinition): Column<DynamicObject> {
  const path = parseJsonPath(jsonPath)
  return {
    ...{ name, type: type as Column<DynamicObject>['type'], priority: priority > 0 ? 1 : 0 },
    ...(format === undefined ? {} : { format }),
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    cell: (object, nowUnixMs) => cellOf(path, type, object, nowUnixMs),
  }
}

function cellOf(path: JsonPath, type: string, object: DynamicObject, nowUnixMs: number): Cell {
  const [value] = path.values(object)
  if (value === undefined || value === null) return null
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : humanAge(value, nowUnixMs)
    default:
      return null
  }
}
