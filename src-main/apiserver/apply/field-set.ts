/**
 * A set of field paths, as a tree. Its JSON form is `FieldsV1`: `f:` is a field or map key, `k:` an item of a list by
 * its keys, `v:` an item of a set by its value, and `.` says that a path with others beneath it is itself a member.
 */
import { isRecord } from '../patch/merge.ts'

export class FieldSet {
  /** Whether the path that leads here is in the set. */
  member = false
  readonly children = new Map<string, FieldSet>()

  /** The set beneath one step of a path, made when it is not there. */
  child(step: string): FieldSet {
    const existing = this.children.get(step)
    if (existing !== undefined) return existing
    const created = new FieldSet()
    this.children.set(step, created)
    return created
  }

  get empty(): boolean {
    return !this.member && this.children.size === 0
  }
}

/** What is in either. */
export function union(...sets: readonly FieldSet[]): FieldSet {
  const result = new FieldSet()
  for (const set of sets) addAll(result, set)
  return result
}

function addAll(target: FieldSet, source: FieldSet): void {
  target.member ||= source.member
  for (const [step, child] of source.children) addAll(target.child(step), child)
}

/** What is in both. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const result = new FieldSet()
  result.member = left.member && right.member
  for (const [step, child] of left.children) {
    const other = right.children.get(step)
    const common = other === undefined ? undefined : intersection(child, other)
    if (common?.empty === false) result.children.set(step, common)
  }
  return result
}

/** What is in the left one only. */
export function difference(left: FieldSet, right: FieldSet | undefined): FieldSet {
  const result = new FieldSet()
  result.member = left.member && right?.member !== true
  for (const [step, child] of left.children) {
    const rest = difference(child, right?.children.get(step))
    if (!rest.empty) result.children.set(step, rest)
  }
  return result
}

export function sameSet(left: FieldSet, right: FieldSet): boolean {
  if (left.member !== right.member || left.children.size !== right.children.size) return false
  return [...left.children].every(([step, child]) => {
    const other = right.children.get(step)
    return other !== undefined && sameSet(child, other)
  })
}

/** The paths of the members in the words of an error: `.spec.containers[name="web"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const own = set.member ? [prefix] : []
  return [...own, ...[...set.children].flatMap(([step, child]) => pathsOf(child, prefix + stepText(step)))]
}

function stepText(step: string): string {
  const rest = step.slice(2)
  if (step.startsWith('f:')) return `.${rest}`
  if (step.startsWith('v:')) return `[=${rest}]`
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>)
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
}

/** What has nothing beneath it; one for all, for there are many. */
export const leaf: object = Object.freeze({})

/** As `fieldsV1` has it. */
export function toFieldsV1(set: FieldSet): object {
  if (set.children.size === 0) return leaf
  const children = [...set.children].sort(([left], [right]) => (left < right ? -1 : 1))
  const entries = children.map(([step, child]): [string, object] => [step, toFieldsV1(child)])
  return Object.fromEntries(set.member ? [['.', leaf], ...entries] : entries)
}

/** What is no FieldsV1 counts as the empty set. */
export function fromFieldsV1(fields: unknown): FieldSet {
  const root = read(fields)
  root.member = false
  return root
}

function read(fields: unknown): FieldSet {
  const set = new FieldSet()
  if (!isRecord(fields)) return set
  const entries = Object.entries(fields)
  set.member = entries.length === 0 || Object.hasOwn(fields, '.')
  for (const [step, child] of entries) if (isStep(step)) set.children.set(step, read(child))
  return set
}

function isStep(step: string): boolean {
  if (step.startsWith('f:')) return true
  if (!step.startsWith('k:') && !step.startsWith('v:')) return false
  try {
    JSON.parse(step.slice(2))
    return true
  } catch {
    // Damaged by whoever wrote it: what cannot be read owns nothing.
    return false
  }
}
