/**
 * Strategic merge patch: a merge patch that knows the schema, so that lists whose items have a key are merged item by
 * item. Directives in the patch say more: `$patch: replace|delete`, `$retainKeys`, `$deleteFromPrimitiveList/x`,
 * `$setElementOrder/x`. What a patch adds where nothing was is taken as it is: directives in it are not carried out.
 */
import { setOwn } from '../../api/schema/own-property.ts'
import type { ObjectSchema, TypeSchema } from '../../api/schema/type-schema.ts'
import { goText } from './go-text.ts'
import { isRecord } from './merge.ts'
import { StrategicPatchError } from './strategic-patch-error.ts'
import { deleteFrom, elementOrder, retainKeys, withoutDirectives, withoutMarked } from './strategic-directives.ts'
import { mergeInOrder, mergeList, type ListField } from './strategic-lists.ts'

type Fields = Record<string, unknown>

/** A new object; neither argument is touched, though the result may share parts with both. */
export function applyStrategicPatch(target: Fields, patch: Fields, schema: ObjectSchema): Fields {
  return mergeObject(target, patch, schema)
}

function mergeObject(target: Fields, patch: Fields, type: TypeSchema | undefined): Fields {
  if (patch.$patch === 'replace') return withoutDirectives(patch)
  if (patch.$patch === 'delete') return {}
  if (patch.$patch !== undefined)
    throw new StrategicPatchError(`unknown patch type: ${goText(patch.$patch)} in map: ${goText(patch)}`)
  const result = retained(target, patch)
  const done = orderLists(result, patch, type)
  for (const [name, change] of Object.entries(patch)) {
    if (name === retainKeys || name.startsWith(elementOrder) || done.has(name)) continue
    if (!name.startsWith(deleteFrom)) setMerged(result, name, change, type)
    else removeFrom(result, name.slice(deleteFrom.length), change, type)
  }
  return result
}

/** With `$retainKeys`, only the fields that it names survive, and the patch may have no others. */
function retained(target: Fields, patch: Fields): Fields {
  const keys = patch[retainKeys]
  if (keys === undefined) return { ...target }
  const kept = new Set<unknown>(Array.isArray(keys) ? keys : [])
  const isStray = ([name, value]: [string, unknown]): boolean =>
    value !== null && !name.startsWith('$') && !kept.has(name)
  if (!Array.isArray(keys) || Object.entries(patch).some(isStray))
    throw new StrategicPatchError('invalid patch format of retainKeys')
  return Object.fromEntries(Object.entries(target).filter(([name]) => kept.has(name)))
}

/** Merges the lists of which the patch gives the order, and says which they are. */
function orderLists(result: Fields, patch: Fields, type: TypeSchema | undefined): ReadonlySet<string> {
  const done = new Set<string>()
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(elementOrder)) continue
    const name = directive.slice(elementOrder.length)
    const merged = mergeInOrder(ownValue(result, name), ownValue(patch, name), order, fieldOf(type, name))
    if (merged === undefined) continue
    setOwn(result, name, merged)
    done.add(name)
  }
  return done
}

const ownValue = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined)

function setMerged(result: Fields, name: string, change: unknown, type: TypeSchema | undefined): void {
  const merged = change === null ? undefined : mergeValue(ownValue(result, name), change, type, name)
  if (merged === undefined) Reflect.deleteProperty(result, name)
  else setOwn(result, name, merged)
}

function mergeValue(current: unknown, change: unknown, type: TypeSchema | undefined, name: string): unknown {
  const field = fieldOf(type, name)
  if (Array.isArray(current) && Array.isArray(change)) return mergeList(current, change, field)
  if (!isRecord(current) || !isRecord(change)) return withoutMarked(change)
  return field.strategies.includes('replace') ? withoutDirectives(change) : mergeObject(current, change, field.type)
}

function removeFrom(result: Fields, name: string, values: unknown, type: TypeSchema | undefined): void {
  const current = ownValue(result, name)
  if (values === null) Reflect.deleteProperty(result, name)
  else if (Array.isArray(current) && Array.isArray(values))
    setOwn(result, name, mergeList(current, values, fieldOf(type, name), { deletes: true }))
}

interface Field extends ListField {
  readonly type: TypeSchema | undefined
}

function fieldOf(type: TypeSchema | undefined, name: string): Field {
  const field = type?.type === 'object' ? type.fields.get(name) : undefined
  const itsType = type?.type === 'map' ? type.values : field?.type
  const items = itsType?.type === 'array' ? itsType.items : undefined
  return {
    type: itsType,
    strategies: field?.patchStrategies ?? [],
    mergeKey: field?.mergeKey,
    mergeItem: (current, change) => mergeObject(current, change, items),
  }
}
