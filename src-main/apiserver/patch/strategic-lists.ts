/** How a strategic merge patch merges lists, and in which order their items come. */
import { stableText } from '../../api/meta/pod.ts'
import { goText, goType } from './go-text.ts'
import { isRecord } from './merge.ts'
import { marker, withoutDirectives, withoutMarked } from './strategic-directives.ts'
import { StrategicPatchError } from './strategic-patch-error.ts'

type Fields = Record<string, unknown>

/** What the schema says of a field that holds a list. */
export interface ListField {
  readonly strategies: readonly string[]
  /** The field by which items are told apart; undefined: items are values of their own. */
  readonly mergeKey: string | undefined
  readonly mergeItem: (current: Fields, change: Fields) => Fields
}

/** `deletes`: the change names the values that go. */
export function mergeList(
  current: readonly unknown[],
  change: readonly unknown[],
  field: ListField,
  { deletes = false } = {},
): unknown[] {
  if (!field.strategies.includes('merge')) return withoutDirectives([...change])
  if (current.length === 0 && change.length === 0) return []
  const { mergeKey } = field
  if (checkSorts(current, change) !== goType({})) {
    if (deletes) return current.filter((one) => !placesOf(change, undefined).has(identityOf(one)))
    return inOrder([...placesOf([...current, ...change], undefined).values.values()], change, current, mergeKey)
  }
  if (mergeKey === undefined) throw new StrategicPatchError('cannot merge lists without merge key for type struct')
  const { kept, changed } = carryOut(current, change, mergeKey)
  return inOrder(mergeItems(kept, changed, mergeKey, field), changed, kept, mergeKey)
}

/** As `$setElementOrder` wants it; undefined when neither has the list. */
export function mergeInOrder(
  current: unknown,
  change: unknown,
  order: unknown,
  field: ListField,
): unknown[] | undefined {
  const wanted = listOf(order)
  const before = current === undefined ? [] : listOf(current)
  const changed = change === undefined ? [] : listOf(change)
  checkOrder(changed, wanted, field.mergeKey)
  if (current === undefined && change === undefined) return undefined
  const merged =
    change === undefined ? before : current === undefined ? added(changed) : mergeList(before, changed, field)
  checkSorts(before, changed)
  return inOrder(merged, wanted, before, field.mergeKey)
}

const added = (list: readonly unknown[]): unknown[] => list.map(withoutMarked).filter((one) => one !== undefined)

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new StrategicPatchError(`expected a []interface {}, but received a ${goType(value)}`)
}

/** The one sort of all items. Throws when there is none, or more than one. */
function checkSorts(...lists: readonly (readonly unknown[])[]): string {
  const [sort, other] = new Set(lists.flatMap((list) => list.map(goType)))
  if (sort === undefined) throw new StrategicPatchError('no elements in any of the given slices')
  if (sort === goType([])) throw new StrategicPatchError('lists of lists are not supported')
  if (other !== undefined) throw new StrategicPatchError(`list element types are not identical: ${sort} ${other}`)
  return sort
}

/** What two values are compared by: a list is searched once for each of the patch's items. */
const identityOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? stableText(value) : value

function keyOf(item: unknown, mergeKey: string | undefined): unknown {
  if (mergeKey === undefined) return identityOf(item)
  if (!isRecord(item)) throw new StrategicPatchError(`expected a ${goType({})}, but received a ${goType(item)}`)
  if (item[mergeKey] === undefined)
    throw new StrategicPatchError(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`)
  return identityOf(item[mergeKey])
}

/** The first place of each key, and what stands there. */
class Places {
  readonly values = new Map<unknown, unknown>()
  private readonly at = new Map<unknown, number>()

  add(key: unknown, value: unknown): void {
    if (this.at.has(key)) return
    this.at.set(key, this.at.size)
    this.values.set(key, value)
  }

  has(key: unknown): boolean {
    return this.at.has(key)
  }

  /** Undefined for what is not there. */
  of(key: unknown): number | undefined {
    return this.at.get(key)
  }
}

function placesOf(list: readonly unknown[], mergeKey: string | undefined): Places {
  const places = new Places()
  for (const one of list) places.add(keyOf(one, mergeKey), one)
  return places
}

/** Deletes and replaces as marked items of the patch say; `changed` is what they leave of it. */
function carryOut(
  current: readonly unknown[],
  change: readonly unknown[],
  mergeKey: string,
): { kept: readonly unknown[]; changed: readonly unknown[] } {
  const gone = new Set<unknown>()
  const changed: unknown[] = []
  let replaces = false
  for (const item of change) {
    const directive = isRecord(item) ? item[marker] : undefined
    if (directive === undefined) changed.push(item)
    else if (directive === 'delete') gone.add(keyOf(item, mergeKey))
    else if (directive === 'replace') replaces = true
    else if (directive === 'merge') throw new StrategicPatchError('merging lists cannot yet be specified in the patch')
    else throw new StrategicPatchError(`unknown patch type: ${goText(directive)} in map: ${goText(item)}`)
  }
  if (replaces) return { kept: withoutDirectives(changed), changed: [] }
  if (gone.size === 0) return { kept: current, changed }
  return { kept: current.filter((one) => !isRecord(one) || !gone.has(identityOf(one[mergeKey]))), changed }
}

function mergeItems(
  current: readonly unknown[],
  changed: readonly unknown[],
  mergeKey: string,
  { mergeItem }: ListField,
): unknown[] {
  const result = [...current]
  const places = new Map<unknown, number>()
  for (const [place, one] of current.entries()) {
    const key = isRecord(one) ? identityOf(one[mergeKey]) : undefined
    if (key !== undefined && !places.has(key)) places.set(key, place)
  }
  for (const item of changed) {
    const key = keyOf(item, mergeKey)
    const at = places.get(key)
    const before = at === undefined ? undefined : result[at]
    if (at !== undefined && isRecord(before) && isRecord(item)) result[at] = mergeItem(before, item)
    else places.set(key, result.push(withoutDirectives(item)) - 1)
  }
  return result
}

/** The patch's items in its order, all others in the server's, and both as near to the server's order as that allows. */
function inOrder(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const inPatch = placesOf(patchOrder, mergeKey)
  const onServer = placesOf(serverOrder, mergeKey)
  const items = merged.map((item) => ({ item, key: keyOf(item, mergeKey) }))
  const sorted = (some: typeof items, places: Places): typeof items =>
    some.toSorted((left, right) => (places.of(left.key) ?? 0) - (places.of(right.key) ?? 0))
  const patched = sorted(
    items.filter(({ key }) => inPatch.has(key)),
    inPatch,
  )
  const others = sorted(
    items.filter(({ key }) => !inPatch.has(key)),
    onServer,
  )
  const result: unknown[] = []
  let next = 0
  for (const { item, key } of patched) {
    const limit = onServer.of(key)
    for (let other = others[next]; limit !== undefined && other !== undefined; other = others[++next]) {
      if ((onServer.of(other.key) ?? Infinity) >= limit) break
      result.push(other.item)
    }
    result.push(item)
  }
  return [...result, ...others.slice(next).map(({ item }) => item)]
}

/** Throws unless the patch's items are among those of the order, and in that order. */
function checkOrder(change: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): void {
  if (change.length === 0 || order.length === 0) return
  const named = order.map((one) => keyOf(one, mergeKey))
  let next = 0
  for (const item of change) {
    const directive = isRecord(item) ? item[marker] : undefined
    if (directive === 'delete') continue
    const key = directive === undefined ? keyOf(item, mergeKey) : named[next]
    while (next < named.length && named[next] !== key) next++
    if (next === named.length)
      throw new StrategicPatchError(
        `the order in patch list:\n${goText(change)}\n doesn't match $setElementOrder list:\n${goText(order)}`,
      )
    if (directive === undefined) next++
  }
}
