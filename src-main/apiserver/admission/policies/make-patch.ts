/** From what a mutation's expression says to the object as it is then. */
import type { DynamicObject } from '../../../api/meta/object.ts'
import { schemaOf } from '../../../api/schema/schema.ts'
import type { TypeSchema } from '../../../api/schema/type-schema.ts'
import { mergeConfiguration } from '../../apply/merge.ts'
import { EvaluationError } from '../../cel/errors.ts'
import { StructValue } from '../../cel/values/maps.ts'
import { toJson } from '../../cel/values/to-json.ts'
import { isList, type Value } from '../../cel/values/value.ts'
import { applyJsonPatch, JsonPatchError } from '../../patch/json.ts'
import type { CompiledMutation } from './mutating-policy.ts'

/** Whose schema says how a configuration is merged. */
type SchemaKind = Parameters<typeof schemaOf>[0]

/** A new object; the given one stays as it is. Throws EvaluationError. */
export function patched(
  object: DynamicObject,
  { type }: CompiledMutation,
  patch: Value,
  kind: SchemaKind,
): DynamicObject {
  return type === 'JSONPatch' ? withJsonPatch(object, patch) : withConfiguration(object, patch, kind)
}

function withJsonPatch(object: DynamicObject, patch: Value): DynamicObject {
  if (!isList(patch)) throw new EvaluationError('a JSONPatch mutation must evaluate to a list')
  try {
    return applyJsonPatch(object, patch.map(toJson)) as DynamicObject
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error
    throw Object.assign(new EvaluationError(`error applying JSON patch: ${error.message}`), { cause: error })
  }
}

function withConfiguration(object: DynamicObject, patch: Value, kind: SchemaKind): DynamicObject {
  if (!(patch instanceof StructValue))
    throw new EvaluationError('an ApplyConfiguration mutation must evaluate to Object')
  checkTypeNames(patch, 'Object')
  const schema = schemaOf(kind)
  const applied = toJson(patch)
  const atomic = atomicPart(applied, schema, '')
  if (atomic !== undefined)
    throw new EvaluationError(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic}`)
  return mergeConfiguration(object, applied, schema) as DynamicObject
}

/** The name of each type says where it stands; items of lists are named as their list. */
function checkTypeNames(value: Value, expected: string): void {
  if (isList(value)) {
    for (const item of value) checkTypeNames(item, expected)
    return
  }
  if (!(value instanceof StructValue)) return
  if (value.typeName !== expected)
    throw new EvaluationError(
      `unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(expected)}, which matches field name path from root Object type`,
    )
  for (const field of value.keys()) checkTypeNames(value.get(field) ?? null, `${expected}.${String(field)}`)
}

/** The first part that can only be replaced as a whole, which an apply configuration must not do. */
function atomicPart(value: unknown, type: TypeSchema | undefined, path: string): string | undefined {
  if (typeof value !== 'object' || value === null || type === undefined) return undefined
  if (type.type === 'array') {
    if (type.listType === 'atomic') return path
    if (!Array.isArray(value)) return undefined
    return first(value.map((item) => () => atomicPart(item, type.items, path)))
  }
  if (type.type !== 'object' && type.type !== 'map') return undefined
  if (type.mapType === 'atomic' && path !== '') return path
  return first(
    Object.entries(value).map(([name, part]) => () => {
      const field = type.type === 'map' ? undefined : type.fields.get(name)
      if (field?.mapType === 'atomic') return `${path}.${name}`
      return atomicPart(part, type.type === 'map' ? type.values : field?.type, `${path}.${name}`)
    }),
  )
}

function first(looks: readonly (() => string | undefined)[]): string | undefined {
  for (const look of looks) {
    const found = look()
    if (found !== undefined) return found
  }
  return undefined
}
