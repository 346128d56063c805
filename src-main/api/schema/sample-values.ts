import type { TypeSchema } from './type-schema.ts'

/**
 * A value with every field set, in its canonical form; recursion ends after a few levels. For tests of what must
 * hold for every kind.
 */
export function aValueOf(type: TypeSchema, seed = 'value', depth = 0): unknown {
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
      return depth > maximumDepth ? [] : [aValueOf(type.items, `${seed}-1`, depth + 1)]
    case 'map':
      return { [`${seed}-key`]: aValueOf(type.values, seed, depth + 1) }
    case 'object': {
      // Only an outermost object names its own kind in protobuf; what refers to another object has no metadata.
      const namesKind = depth > 0 && (type.fields.has('metadata') || type.name.endsWith('.DeleteOptions'))
      const fields = [...type.fields.values()].filter(
        (field) =>
          (depth < maximumDepth || isLeaf(field.type)) &&
          !(namesKind && (field.name === 'kind' || field.name === 'apiVersion')),
      )
      return Object.fromEntries(fields.map((field) => [field.name, aValueOf(field.type, field.name, depth + 1)]))
    }
  }
}

const maximumDepth = 14

function isLeaf(type: TypeSchema): boolean {
  return type.type !== 'object' && type.type !== 'array' && type.type !== 'map'
}
