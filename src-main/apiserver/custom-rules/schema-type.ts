/** The types of custom objects as their rules see them, with the sizes that the schema allows. */
import type { StructuralSchema } from '../../api/custom/structural-schema.ts'
import { once } from '../../lib/once.ts'
import {
  bool,
  bytes,
  double,
  duration,
  dyn,
  int,
  objectType,
  string,
  timestamp,
  type ListIdentity,
  type ObjectField,
  type ObjectType,
  type Type,
} from '../cel/types/type.ts'
import { escapeName } from '../cel/values/json.ts'

const metadata = objectType('ObjectMeta', { name: string, generateName: string })

/** The type of the whole object, which has a kind and a name beside what its schema says. */
export const rootType = (schema: StructuralSchema): Type => objectOf(schema, 'Object', true)

/** Undefined: a value that rules cannot look into, because nothing is known of it. `name` tells where it stands. */
export function typeOfValue(schema: StructuralSchema, name: string): Type | undefined {
  if (schema.intOrString) return dyn
  switch (schema.type) {
    case 'boolean':
      return bool
    case 'integer':
      return int
    case 'number':
      return double
    case 'string':
      return textOf(schema)
    case 'array':
      return listOf(schema, name)
    case 'object':
      return typeof schema.additional === 'object' ? mapOf(schema, schema.additional, name) : objectIn(schema, name)
    default:
      return undefined
  }
}

function objectIn(schema: StructuralSchema, name: string): Type | undefined {
  return schema.additional === true ? undefined : objectOf(schema, name, schema.embeddedResource)
}

function textOf({ rules }: StructuralSchema): Type {
  if (rules?.format === 'date' || rules?.format === 'date-time') return timestamp
  if (rules?.format === 'duration') return duration
  const longest = rules?.enum?.values.reduce<number>((most, value) => Math.max(most, String(value).length), 0)
  const maximum = longest ?? rules?.maxLength
  const type = rules?.format === 'byte' ? bytes : string
  return maximum === undefined ? type : { kind: type.kind, maximum }
}

function listOf(schema: StructuralSchema, name: string): Type | undefined {
  const element = schema.items === undefined ? undefined : typeOfValue(schema.items, `${name}.@idx`)
  if (element === undefined) return undefined
  const identity: ListIdentity | undefined =
    schema.listType === 'set' ? 'set' : schema.listType === 'map' ? schema.mapKeys : undefined
  const { maxItems } = schema.rules ?? {}
  return {
    ...{ kind: 'list', element },
    ...(maxItems === undefined ? {} : { maximum: maxItems }),
    ...(identity === undefined ? {} : { identity }),
  }
}

function mapOf({ rules }: StructuralSchema, values: StructuralSchema, name: string): Type | undefined {
  const value = typeOfValue(values, `${name}.@elem`)
  if (value === undefined) return undefined
  const { maxProperties } = rules ?? {}
  return { kind: 'map', key: string, value, ...(maxProperties === undefined ? {} : { maximum: maxProperties }) }
}

/** Made when somebody first looks at a field: of a large schema, rules see a small part. */
function objectOf(schema: StructuralSchema, name: string, isResource: boolean): ObjectType {
  const fields = once(() => fieldsOf(schema, name, isResource))
  return { ...{ kind: 'object', name, constructible: false }, field: (field) => fields().get(field)?.() }
}

type Fields = ReadonlyMap<string, () => ObjectField | undefined>

function fieldsOf(schema: StructuralSchema, name: string, isResource: boolean): Fields {
  const fields = new Map<string, () => ObjectField | undefined>()
  for (const [property, child] of schema.properties) {
    const escaped = escapeName(property)
    if (escaped === undefined) continue
    const field = once(() => {
      const type = typeOfValue(child, `${name}.${property}`)
      return type === undefined ? undefined : { name: property, type }
    })
    fields.set(escaped, field)
  }
  if (isResource) {
    for (const field of ['apiVersion', 'kind']) fields.set(field, () => ({ name: field, type: string }))
    fields.set('metadata', () => ({ name: 'metadata', type: metadata }))
  }
  return fields
}
