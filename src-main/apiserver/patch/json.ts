/** JSON Patch (RFC 6902) on JSON Pointers (RFC 6901). */
import { setOwn } from '../../api/schema/own-property.ts'
import { samePlain } from '../registry/plain.ts'
import { isRecord } from './merge.ts'

/** The patch makes no sense, or does not fit the document. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError'
  /** `Malformed`: no valid patch at all; `Unprocessable`: it does not fit this document. */
  readonly code: 'Malformed' | 'Unprocessable'

  constructor(code: 'Malformed' | 'Unprocessable', message: string) {
    super(message)
    this.code = code
  }
}

/** So many operations at most: each of them may copy a part of the document. */
const operationsLimit = 10_000

/** What all copies together may weigh: a few dozen that copy a part into itself would fill the memory. */
const copyLimitBytes = 3 * 1024 * 1024

interface Copied {
  bytes: number
}

/** Applies all operations or throws. The document is changed in place and returned, or another one takes its place. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw new JsonPatchError(
      'Malformed',
      `json: cannot unmarshal ${jsonKind(patch)} into Go value of type jsonpatch.Patch`,
    )
  if (patch.length > operationsLimit)
    throw new JsonPatchError('Malformed', `a JSON patch may not have more than ${operationsLimit} operations`)
  let result = document
  const copied: Copied = { bytes: 0 }
  for (const operation of patch as unknown[]) result = applyOperation(result, operation, copied)
  return result
}

function jsonKind(value: unknown): string {
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'object' ? 'object' : typeof value
}

function applyOperation(document: unknown, operation: unknown, copied: Copied): unknown {
  if (!isRecord(operation)) throw new JsonPatchError('Malformed', 'each operation must be an object')
  const { op } = operation
  const path = pointer(operation, 'path')
  switch (op) {
    case 'add':
      return add(document, path, valueOf(operation))
    case 'remove':
      return remove(document, inside(path)).document
    case 'replace':
      return replace(document, path, valueOf(operation))
    case 'test': {
      if (samePlain(valueAt(document, path), valueOf(operation))) return document
      throw new JsonPatchError('Unprocessable', `testing value ${text(path)} failed`)
    }
    case 'copy':
      return add(document, path, copyOf(valueAt(document, inside(pointer(operation, 'from'))), copied))
    case 'move':
      return move(document, inside(pointer(operation, 'from')), path)
    default:
      throw new JsonPatchError('Malformed', `Unexpected kind of operation: ${JSON.stringify(op)}`)
  }
}

function copyOf(value: unknown, copied: Copied): unknown {
  const json = JSON.stringify(value)
  copied.bytes += json.length
  if (copied.bytes > copyLimitBytes)
    throw new JsonPatchError('Malformed', `the copies of a JSON patch may not have more than ${copyLimitBytes} bytes`)
  return JSON.parse(json)
}

function valueOf(operation: Record<string, unknown>): unknown {
  if (!Object.hasOwn(operation, 'value')) throw new JsonPatchError('Malformed', 'the operation has no value')
  return structuredClone(operation.value)
}

function pointer(operation: Record<string, unknown>, field: 'path' | 'from'): string[] {
  const value = operation[field]
  if (typeof value !== 'string' || (value !== '' && !value.startsWith('/')))
    throw new JsonPatchError('Malformed', `${JSON.stringify(value)} is not a JSON pointer`)
  if (value === '') return []
  return value
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const text = (path: readonly string[]): string => (path.length === 0 ? '""' : `/${path.join('/')}`)
const missing = (path: readonly string[]): JsonPatchError =>
  new JsonPatchError('Unprocessable', `there is nothing at ${text(path)}`)

/** The path, which must not be that of the whole document. */
function inside(path: readonly string[]): readonly string[] {
  if (path.length === 0) throw missing(path)
  return path
}

/** What may stand for the whole document. */
function whole(value: unknown): unknown {
  if (isRecord(value) || Array.isArray(value)) return value
  throw new JsonPatchError('Unprocessable', 'the document must be an object or a list')
}

/** The value at the path; throws when there is none. */
function find(document: unknown, path: readonly string[]): unknown {
  let value = document
  for (const token of path) {
    if (Array.isArray(value)) value = value[index(value, token, path, value.length)]
    else if (isRecord(value) && Object.hasOwn(value, token)) value = value[token]
    else throw missing(path)
  }
  return value
}

/** The same, but null for a field that its object does not have. */
function valueAt(document: unknown, path: readonly string[]): unknown {
  if (path.length === 0) return document
  const { parent, token } = parentOf(document, path)
  return isRecord(parent) && !Object.hasOwn(parent, token) ? null : find(document, path)
}

/** A place below `end`; negative ones count from there. */
function index(list: readonly unknown[], token: string, path: readonly string[], end: number): number {
  const number = /^[+-]?\d+$/.test(token) ? Number(token) : NaN
  const position = number < 0 ? number + end : number
  if (position >= 0 && position < end) return position
  throw new JsonPatchError('Unprocessable', `${text(path)}: ${token} is no index of a list of ${list.length}`)
}

function parentOf(document: unknown, path: readonly string[]): { parent: unknown; token: string } {
  return { parent: find(document, path.slice(0, -1)), token: path.at(-1) ?? '' }
}

function add(document: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return whole(value)
  const { parent, token } = parentOf(document, path)
  if (Array.isArray(parent))
    parent.splice(token === '-' ? parent.length : index(parent, token, path, parent.length + 1), 0, value)
  else if (isRecord(parent)) setOwn(parent, token, value)
  else throw missing(path)
  return document
}

/** A field that was not there is set all the same, as in Kubernetes. */
function replace(document: unknown, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return whole(value)
  const { parent, token } = parentOf(document, path)
  if (Array.isArray(parent)) parent[index(parent, token, path, parent.length)] = value
  else if (isRecord(parent)) setOwn(parent, token, value)
  else throw missing(path)
  return document
}

function remove(document: unknown, path: readonly string[]): { document: unknown; removed: unknown } {
  const removed = find(document, path)
  const { parent, token } = parentOf(document, path)
  if (Array.isArray(parent)) parent.splice(index(parent, token, path, parent.length), 1)
  else if (isRecord(parent)) Reflect.deleteProperty(parent, token)
  return { document, removed }
}

function move(document: unknown, from: readonly string[], to: readonly string[]): unknown {
  const isInside = to.length > from.length && from.every((token, at) => to[at] === token)
  if (isInside) throw new JsonPatchError('Unprocessable', `${text(from)} cannot be moved into itself`)
  const { document: rest, removed } = remove(document, from)
  return add(rest, to, removed)
}
