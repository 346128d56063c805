/**
 * Strategic merge patch: a merge patch that knows the schema, so that lists whose items have a key are merged item by
 * item. Directives in the patch say more: `$patch: replace|delete|merge`, `$retainKeys`, `$deleteFromPrimitiveList/x`,
 * `$setElementOrder/x`.
 */
import { stableText } from '../../api/meta/pod.ts'
import { setOwn } from '../../api/schema/own-property.ts'
import type { FieldSchema, ObjectSchema, TypeSchema } from '../../api/schema/type-schema.ts'
import { isRecord } from './merge.ts'

type Fields = Record<string, unknown>

/** The patch makes no sense for this kind. */
export class StrategicPatchError extends Error {
  override readonly name = 'StrategicPatchError'
  readonly code = 'Malformed'
}

const deleteFrom = '$deleteFromPrimitiveList/'
const elementOrder = '$setElementOrder/'

/** A new object; neither argument is touched, though the result may share parts with both. */
export function applyStrategicPatch(target: Fields, patch: Fields, schema: ObjectSchema): Fields {
  return mergeObject(target, patch, schema)
}

function mergeObject(target: Fields, patch: Fields, type: TypeSchema | undefined): Fields {
  const directive = patch.$patch
  if (directive === 'replace') return withoutDirectives(patch)
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge')
    throw new StrategicPatchError(`unknown $patch type: ${JSON.stringify(directive)}`)
  const result = retained(target, patch)
  for (const [name, change] of Object.entries(patch)) {
    if (name === '$patch' || name === '$retainKeys') continue
    if (name.startsWith(deleteFrom)) removePrimitives(result, name.slice(deleteFrom.length), change)
    else if (!name.startsWith('$')) setMerged(result, name, change, type)
    else if (!name.startsWith(elementOrder)) throw new StrategicPatchError(`unknown directive ${JSON.stringify(name)}`)
  }
  for (const [name, order] of Object.entries(patch)) {
    if (name.startsWith(elementOrder)) reorder(result, name.slice(elementOrder.length), order, patch, type)
  }
  return result
}

/** With `$retainKeys`, only the fields that it names survive. */
function retained(target: Fields, patch: Fields): Fields {
  const keys = patch.$retainKeys
  if (keys === undefined) return { ...target }
  if (!Array.isArray(keys)) throw new StrategicPatchError('$retainKeys must be a list of field names')
  const kept = new Set<unknown>(keys)
  return Object.fromEntries(Object.entries(target).filter(([name]) => kept.has(name)))
}

function setMerged(result: Fields, name: string, change: unknown, type: TypeSchema | undefined): void {
  if (change === null) {
    Reflect.deleteProperty(result, name)
    return
  }
  const field = fieldOf(type, name)
  setOwn(result, name, mergeValue(Object.hasOwn(result, name) ? result[name] : undefined, change, field))
}

type Field = Pick<FieldSchema, 'type' | 'patchStrategies' | 'mergeKey'> | undefined

function fieldOf(type: TypeSchema | undefined, name: string): Field {
  if (type?.type === 'object') return type.fields.get(name)
  return type?.type === 'map' ? { type: type.values, patchStrategies: [], mergeKey: undefined } : undefined
}

function mergeValue(current: unknown, change: unknown, field: Field): unknown {
  if (isRecord(change)) {
    const replaces = field?.patchStrategies.includes('replace') === true
    return mergeObject(isRecord(current) && !replaces ? current : {}, change, field?.type)
  }
  if (!Array.isArray(change)) return change
  const before = Array.isArray(current) ? (current as unknown[]) : []
  return mergeList(before, change as unknown[], field)
}

function itemType(field: Field): TypeSchema | undefined {
  return field?.type.type === 'array' ? field.type.items : undefined
}

function mergeList(current: readonly unknown[], change: readonly unknown[], field: Field): unknown[] {
  const merges = field?.patchStrategies.includes('merge') === true
  const items = itemType(field)
  if (!merges) return change.filter((item) => !isDirective(item)).map((item) => cleanItem(item, items))
  if (change.some((item) => isRecord(item) && item.$patch === 'replace'))
    return change.filter((item) => !isDirective(item)).map((item) => cleanItem(item, items))
  const { mergeKey } = field
  if (mergeKey === undefined) return mergePrimitives(current, change)
  return mergeByKey(current, change, mergeKey, items)
}

/** `{$patch: replace}` alone in a list is no item of it. */
function isDirective(item: unknown): boolean {
  return isRecord(item) && item.$patch !== undefined && Object.keys(item).length === 1
}

/** A new item with the patch's directives carried out on nothing. */
function cleanItem(item: unknown, type: TypeSchema | undefined): unknown {
  if (!isRecord(item)) return item
  const { $patch: _patch, ...fields } = item
  return mergeObject({}, fields, type)
}

/** What two values are compared by: a list is searched once for each of the patch's items. */
const identityOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? stableText(value) : value

const identitiesOf = (values: readonly unknown[]): ReadonlySet<unknown> => new Set(values.map(identityOf))

function mergePrimitives(current: readonly unknown[], change: readonly unknown[]): unknown[] {
  const there = identitiesOf(current)
  return [...current, ...change.filter((value) => !there.has(identityOf(value)))]
}

function mergeByKey(
  current: readonly unknown[],
  change: readonly unknown[],
  mergeKey: string,
  items: TypeSchema | undefined,
): unknown[] {
  const result = [...current]
  const gone = new Set<number>()
  const places = new Map<unknown, number[]>()
  const note = (key: unknown, place: number): void => {
    const known = places.get(identityOf(key))
    if (known === undefined) places.set(identityOf(key), [place])
    else known.push(place)
  }
  for (const [place, one] of current.entries()) if (isRecord(one)) note(one[mergeKey], place)
  for (const item of change) {
    if (!isRecord(item))
      throw new StrategicPatchError(`a list that is merged by ${mergeKey} has an item that is no object`)
    const key = item[mergeKey]
    if (key === undefined)
      throw new StrategicPatchError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`)
    const found = places.get(identityOf(key)) ?? []
    if (item.$patch === 'delete') {
      for (const place of found) gone.add(place)
      places.delete(identityOf(key))
      continue
    }
    const [at] = found
    const before = at === undefined ? undefined : result[at]
    if (at !== undefined && isRecord(before)) result[at] = mergeObject(before, item, items)
    else note(key, result.push(cleanItem(item, items)) - 1)
  }
  return gone.size === 0 ? result : result.filter((_, place) => !gone.has(place))
}

function removePrimitives(result: Fields, name: string, values: unknown): void {
  if (!Array.isArray(values)) throw new StrategicPatchError(`${deleteFrom}${name} must be a list`)
  const current = result[name]
  if (!Array.isArray(current)) return
  const removed = identitiesOf(values)
  result[name] = current.filter((one) => !removed.has(identityOf(one)))
}

/**
 * Puts the items that the order names into that order. Items that only the server has keep their place relative to
 * the item before them.
 */
function reorder(result: Fields, name: string, order: unknown, patch: Fields, type: TypeSchema | undefined): void {
  if (!Array.isArray(order)) throw new StrategicPatchError(`${elementOrder}${name} must be a list`)
  const list = result[name]
  if (!Array.isArray(list)) return
  const { mergeKey } = fieldOf(type, name) ?? {}
  const keyOf = (item: unknown): unknown => (mergeKey !== undefined && isRecord(item) ? item[mergeKey] : item)
  const wanted = order.map(keyOf)
  checkOrder(name, patch[name], wanted, keyOf)
  const positions = new Map<unknown, number>()
  for (const [position, key] of wanted.entries())
    if (!positions.has(identityOf(key))) positions.set(identityOf(key), position)
  const placed = list.map((item: unknown) => ({ item, position: positions.get(identityOf(keyOf(item))) }))
  const known = placed
    .filter(({ position }) => position !== undefined)
    .sort((left, right) => (left.position ?? 0) - (right.position ?? 0))
  let next = 0
  result[name] = placed.map(({ item, position }) => (position === undefined ? item : known[next++]?.item))
}

function checkOrder(
  name: string,
  changed: unknown,
  wanted: readonly unknown[],
  keyOf: (item: unknown) => unknown,
): void {
  if (!Array.isArray(changed)) return
  const named = identitiesOf(wanted)
  const stray = changed.find(
    (item) => !(isRecord(item) && item.$patch !== undefined) && !named.has(identityOf(keyOf(item))),
  )
  if (stray !== undefined)
    throw new StrategicPatchError(
      `${elementOrder}${name} does not name ${JSON.stringify(keyOf(stray))}, which the patch has`,
    )
}

function withoutDirectives(patch: Fields): Fields {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith('$')))
}
