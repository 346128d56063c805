/** Plain JSON data: copying and comparing it. */
import { setOwn } from '../../api/schema/own-property.ts'

/** A deep copy without the fields that are undefined, as a trip through JSON would leave it. */
export function copyPlain<T>(value: T): T {
  return copy(value) as T
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : copy(item)))
  const result: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) {
    if (field !== undefined) setOwn(result, name, copy(field))
  }
  return result
}

/** Whether two values mean the same JSON; the order of an object's fields does not count. */
export function samePlain(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false
    return left.every((item, index) => samePlain(item, right[index]))
  }
  return sameFields(left as Record<string, unknown>, right as Record<string, unknown>)
}

function sameFields(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  for (const name of Object.keys(left)) if (!samePlain(left[name], right[name])) return false
  for (const name of Object.keys(right)) if (right[name] !== undefined && left[name] === undefined) return false
  return true
}
