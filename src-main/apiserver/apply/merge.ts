/** Lays what somebody applies over what is there, and takes away what nobody wants any more. */
import { setOwn } from '../../api/schema/own-property.ts'
import type { TypeSchema } from '../../api/schema/type-schema.ts'
import { FieldSet } from './field-set.ts'
import { partOf, shapeOf, type Item, type Part } from './shape.ts'

/** A new value; neither argument is touched. */
export function mergeConfiguration(live: unknown, applied: unknown, type: TypeSchema | undefined): unknown {
  return merge(live, applied, partOf(type))
}

function merge(live: unknown, applied: unknown, part: Part): unknown {
  if (applied === undefined) return live
  if (live === undefined) return applied
  const old = shapeOf(live, part)
  const next = shapeOf(applied, part)
  if (old.type === 'fields' && next.type === 'fields') {
    const result: Record<string, unknown> = { ...old.value }
    for (const [name, value] of Object.entries(next.value)) {
      const before = Object.hasOwn(old.value, name) ? old.value[name] : undefined
      setOwn(result, name, merge(before, value, next.typeOf(name) ?? partOf(undefined)))
    }
    return result
  }
  if (old.type === 'items' && next.type === 'items') return mergeItems(old.items, next.items, next.itemType)
  return applied
}

/** The applied order counts; items that only the stored list has stay where they are among their neighbours. */
function mergeItems(live: readonly Item[], applied: readonly Item[], part: Part): unknown[] {
  const before = new Map(live.map((item) => [item.step, item.value]))
  const wanted = new Set(applied.map(({ step }) => step))
  const result: unknown[] = []
  let next = 0
  const takeApplied = (): void => {
    const item = applied[next++]
    if (item !== undefined) result.push(merge(before.get(item.step), item.value, part))
  }
  for (const item of live) {
    if (!wanted.has(item.step)) result.push(item.value)
    else takeApplied()
  }
  while (next < applied.length) takeApplied()
  return result
}

/**
 * Removes what was applied before (`last`) and is now owned by nobody. What lies beneath goes with it; defaults are
 * filled in again afterwards.
 */
export function pruneConfiguration(
  value: unknown,
  last: FieldSet,
  owned: FieldSet,
  type: TypeSchema | undefined,
): unknown {
  return prune(value, last, owned, partOf(type))
}

function prune(value: unknown, last: FieldSet, owned: FieldSet, part: Part): unknown {
  const shape = shapeOf(value, part)
  if (shape.type === 'whole') return value
  if (shape.type === 'items') {
    return shape.items.flatMap((item) => {
      const dropped = last.children.get(item.step)
      const kept = owned.children.get(item.step)
      if (dropped === undefined) return [item.value]
      return isPruned(dropped, kept, false) ? [] : [prune(item.value, dropped, kept ?? nothing, shape.itemType)]
    })
  }
  const result: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(shape.value)) {
    const dropped = last.children.get(`f:${name}`)
    const kept = owned.children.get(`f:${name}`)
    if (dropped === undefined) setOwn(result, name, field)
    else if (!isPruned(dropped, kept, shape.declared(name)))
      setOwn(result, name, prune(field, dropped, kept ?? nothing, shape.typeOf(name) ?? partOf(undefined)))
  }
  return result
}

const nothing = new FieldSet()

/** Who owns a part of a declared field keeps the field; an item or a key of a map is kept by its own owners alone. */
function isPruned(dropped: FieldSet, kept: FieldSet | undefined, declared: boolean): boolean {
  return declared ? kept === undefined : dropped.member && kept?.member !== true
}
