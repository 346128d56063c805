/** Adding fields to FieldsV1 and taking them away without reading all of it: what does not change is shared. */
import { leaf, toFieldsV1, type FieldSet } from './field-set.ts'

type Node = Record<string, unknown>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
const isMember = (node: Node): boolean => Object.hasOwn(node, '.') || isLeaf(node)

function isLeaf(node: Node): boolean {
  for (const _ in node) return false
  return true
}

/** FieldsV1 without what is in the set; undefined when nothing is left. */
export function minus(fields: unknown, set: FieldSet): unknown {
  if (!isNode(fields)) return undefined
  if (set.empty) return fields
  let result: Node | undefined
  for (const [step, child] of set.children) {
    if (!Object.hasOwn(fields, step)) continue
    const rest = minus(fields[step], child)
    if (rest === fields[step]) continue
    result ??= { ...fields }
    if (rest === undefined) Reflect.deleteProperty(result, step)
    else result[step] = rest
  }
  const goes = set.member && isMember(fields)
  if (result === undefined && !goes) return fields
  result ??= { ...fields }
  if (goes) Reflect.deleteProperty(result, '.')
  return isLeaf(result) ? undefined : onlyItself(result) ? leaf : result
}

function onlyItself(node: Node): boolean {
  for (const step in node) if (step !== '.') return false
  return true
}

/** FieldsV1 with what is in the set. */
export function plus(fields: unknown, set: FieldSet): unknown {
  if (!isNode(fields)) return set.empty ? undefined : toFieldsV1(set)
  let result: Node | undefined
  // As a leaf it was a member; with something beneath it, it must say so.
  const copy = (): Node => (isLeaf(fields) ? { '.': leaf } : { ...fields })
  for (const [step, child] of set.children) {
    const before = Object.hasOwn(fields, step) ? fields[step] : undefined
    const more = plus(before, child)
    if (more === before) continue
    result ??= copy()
    result[step] = more
  }
  if (!set.member || isMember(fields)) return result ?? fields
  return { '.': leaf, ...(result ?? fields) }
}
