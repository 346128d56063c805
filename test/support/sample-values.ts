import { definitions } from '../../src-main/api/schema/schema.ts'
import type { ObjectSchema, TypeSchema } from '../../src-main/api/schema/type-schema.ts'

/**
 * A value with every field set, in its canonical form; where a type contains itself, one level of it. For tests of
 * what must hold for every kind.
 */
export function aValueOf(type: TypeSchema, seed = 'value', around: readonly ObjectSchema[] = []): unknown {
  switch (type.type) {
    case 'string':
      return seed
    case 'boolean':
      return true
    case 'bytes':
      return 'YWJj'
    case 'time':
      return '2026-01-02T03:04:05Z'
    case 'micro-time':
      return '2026-01-02T03:04:05.000006Z'
    case 'quantity':
      return '500m'
    case 'int-or-string':
      return '25%'
    case 'integer':
      return 7
    case 'number':
      return 0.5
    case 'any':
      // A schema where JSONSchemaProps allows one or something simpler.
      return { type: 'object' }
    case 'array':
      return [aValueOf(type.items, `${seed}-1`, around)]
    case 'map':
      return { [`${seed}-key`]: aValueOf(type.values, seed, around) }
    case 'object':
      return anObjectOf(type, around)
  }
}

function anObjectOf(type: ObjectSchema, around: readonly ObjectSchema[]): object {
  const isInner = around.includes(type)
  // Only an outermost object names its own kind in protobuf.
  const hidesKind = around.length > 0 && definitions[type.name]?.gvk !== undefined
  const fields = [...type.fields.values()].filter(
    ({ name, type }) => !(hidesKind && (name === 'kind' || name === 'apiVersion')) && !(isInner && isContainer(type)),
  )
  return Object.fromEntries(fields.map((field) => [field.name, aValueOf(field.type, field.name, [...around, type])]))
}

function isContainer(type: TypeSchema): boolean {
  return type.type === 'object' || type.type === 'array' || type.type === 'map'
}
