import { parse, stringify, type Tags } from 'yaml'
import type { Kind } from '../../src-main/api/define-kind.ts'
import type { KubernetesObject } from '../../src-main/api/meta/object.ts'

/** As the API server reads it: in the words of YAML 1.1, but without times. */
const form = { version: '1.1', customTags: (tags: Tags): Tags => tags.filter((tag) => !isTime(tag)) } as const

const isTime = (tag: Tags[number]): boolean =>
  typeof tag !== 'string' && (tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME'))

/** The order in which people read an object. */
const order = ['apiVersion', 'kind', 'metadata', 'spec', 'data', 'status']
const metaOrder = ['name', 'namespace', 'labels', 'annotations', '']

/** An object as YAML, without the book-keeping of who wrote which field. */
export function toYaml(kind: Kind, object: KubernetesObject): string {
  const { metadata = {}, ...rest } = { ...object, apiVersion: kind.apiVersion, kind: kind.kind } as KubernetesObject &
    Record<string, unknown>
  const { managedFields: _fields, ...meta } = metadata
  const all = { ...rest, metadata: inOrder({ ...meta }, metaOrder) }
  return stringify(inOrder(all, order), { ...form, lineWidth: 0 })
}

/** The named fields first, but `status` last; all others keep their places between. */
function inOrder(object: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const last = names.length - 1
  const rank = (name: string): number => (names.includes(name) ? names.indexOf(name) : last - 0.5)
  const keys = Object.keys(object).sort((a, b) => rank(a) - rank(b))
  return Object.fromEntries(keys.map((key) => [key, object[key]]))
}

export class YamlError extends Error {
  override readonly name = 'YamlError'
  readonly code = 'NotAnObject'
}

/** The object that a text describes. Throws a YamlError with the place when it is none. */
export function fromYaml(text: string): KubernetesObject {
  let value: unknown
  try {
    value = parse(text, form)
  } catch (error) {
    throw new YamlError(error instanceof Error ? error.message : String(error), { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new YamlError('an object must be a map')
  return value
}
