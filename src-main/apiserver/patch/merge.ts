/** JSON Merge Patch (RFC 7386). */
import { setOwn } from '../../api/schema/own-property.ts'

/** A new value; neither argument is touched, though the result may share parts with both. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {}
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) Reflect.deleteProperty(result, name)
    else setOwn(result, name, applyMergePatch(Object.hasOwn(result, name) ? result[name] : undefined, change))
  }
  return result
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
