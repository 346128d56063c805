/** The paths of everything that an object says. */
import type { TypeSchema } from '../../api/schema/type-schema.ts'
import { isRecord } from '../patch/merge.ts'
import { samePlain } from '../registry/plain.ts'
import { bornFields } from './born-fields.ts'
import { FieldSet } from './field-set.ts'
import { partOf, shapeOf, type Part } from './shape.ts'

export function fieldsOf(object: unknown, type: TypeSchema | undefined): FieldSet {
  const set = new FieldSet()
  insert(set, object, partOf(type))
  set.member = false
  return set
}

/** `news`: of a write that compares, to which a new part is something of its own beside what is in it. */
function insert(set: FieldSet, value: unknown, part: Part, news = false): void {
  const shape = shapeOf(value, part)
  if (shape.type === 'whole') set.member = true
  else if (shape.type === 'items') {
    for (const item of shape.items) {
      const child = set.child(item.step)
      insert(child, item.value, shape.itemType, news)
      child.member = true
    }
  } else {
    for (const [name, field] of Object.entries(shape.value)) {
      if (field === undefined) continue
      const child = new FieldSet()
      const fieldPart = shape.typeOf(name) ?? partOf(undefined)
      insert(child, field, fieldPart, news)
      if (news || !shape.declared(name) || isEmptyRecord(field)) child.member = true
      if (!child.empty) set.children.set(`f:${name}`, child)
    }
  }
}

const isEmptyRecord = (value: unknown): boolean => isRecord(value) && Object.keys(value).length === 0

export interface Comparison {
  /** New or of another value. */
  readonly changed: FieldSet
  readonly removed: FieldSet
}

/** Where two states of an object differ. */
export function compareFields(before: unknown, after: unknown, type: TypeSchema | undefined): Comparison {
  const result = { changed: new FieldSet(), removed: new FieldSet() }
  compare(before, after, partOf(type), result)
  result.changed.member = false
  result.removed.member = false
  return result
}

function compare(before: unknown, after: unknown, part: Part, { changed, removed }: Comparison): void {
  if (samePlain(before, after)) return
  const old = shapeOf(before, part)
  const next = shapeOf(after, part)
  const oldSteps = stepsOf(old)
  const nextSteps = stepsOf(next)
  const born = bornFields(part.type)
  if (oldSteps === undefined || nextSteps === undefined) {
    if (before !== undefined) insert(removed, before, part)
    if (after !== undefined) {
      insert(changed, after, part)
      // Of one value that took another's place, nothing is gone.
      if (before !== undefined && old.type === 'whole' && next.type === 'whole') removed.member = false
    }
    return
  }
  for (const [step, child] of oldSteps) {
    const other = nextSteps.get(step) ?? bornStep(born, step, child)
    if (other === undefined) insertStep(removed, step, child)
    else descend(step, child, other, { changed, removed })
  }
  for (const [step, child] of nextSteps) {
    if (oldSteps.has(step)) continue
    const before = bornStep(born, step, child)
    if (before === undefined) insertStep(changed, step, child)
    else descend(step, before, child, { changed, removed })
  }
}

/** What is left of a field that is not written, or was there of it before it was. */
function bornStep(born: ReadonlyMap<string, object>, step: string, { part }: Step): Step | undefined {
  const value = step.startsWith('f:') && !part.atomic ? born.get(step.slice(2)) : undefined
  return value === undefined ? undefined : { value, part }
}

interface Step {
  readonly value: unknown
  readonly part: Part
}

function stepsOf(shape: ReturnType<typeof shapeOf>): Map<string, Step> | undefined {
  if (shape.type === 'whole') return undefined
  if (shape.type === 'items')
    return new Map(shape.items.map(({ step, value }) => [step, { value, part: shape.itemType }]))
  const entries = Object.entries(shape.value).filter(([, value]) => value !== undefined)
  return new Map(
    entries.map(([name, value]) => [`f:${name}`, { value, part: shape.typeOf(name) ?? partOf(undefined) }]),
  )
}

function insertStep(set: FieldSet, step: string, { value, part }: Step): void {
  const child = new FieldSet()
  insert(child, value, part, true)
  child.member = true
  set.children.set(step, child)
}

function descend(step: string, before: Step, after: Step, { changed, removed }: Comparison): void {
  const inner = { changed: new FieldSet(), removed: new FieldSet() }
  compare(before.value, after.value, after.part, inner)
  if (!inner.changed.empty) changed.children.set(step, inner.changed)
  if (!inner.removed.empty) removed.children.set(step, inner.removed)
}
