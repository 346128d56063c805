/** The directives of strategic merge patches, and values without them. */
import { setOwn } from '../../api/schema/own-property.ts'
import { isRecord } from './merge.ts'

export const deleteFrom = '$deleteFromPrimitiveList/'
export const elementOrder = '$setElementOrder/'
export const retainKeys = '$retainKeys'
/** Says what becomes of the object that has it. */
export const marker = '$patch'

const isDirective = (name: string): boolean =>
  name === marker || name === retainKeys || name.startsWith(deleteFrom) || name.startsWith(elementOrder)

/** What objects of a kind keep of a value: neither directives nor fields without a value. */
export function withoutDirectives<T>(value: T): T
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => withoutDirectives(one))
  if (!isRecord(value)) return value
  const result: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(value))
    if (part !== null && !isDirective(name)) setOwn(result, name, withoutDirectives(part))
  return result
}

/** The same without the objects in it that are marked; undefined when it is one itself. */
export function withoutMarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarked).filter((one) => one !== undefined)
  if (!isRecord(value)) return value
  if (value[marker] !== undefined) return undefined
  const result: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(value)) {
    const kept = part === null || isDirective(name) ? undefined : withoutMarked(part)
    if (kept !== undefined) setOwn(result, name, kept)
  }
  return result
}
