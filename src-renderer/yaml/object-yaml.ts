import { parse, stringify } from 'yaml'
import type { Kind } from '../../src-main/api/define-kind.ts'
import type { KubernetesObject } from '../../src-main/api/meta/object.ts'

/** The order in which people read an object. */
const order = ['apiVersion', 'kind', 'metadata', 'spec', 'data', 'status']

/** An object as YAML, without the book-keeping of who wrote which field. */
export function toYaml(kind: Kind, object: KubernetesObject): string {
  const { metadata = {}, ...rest } = { ...object, apiVersion: kind.apiVersion, kind: kind.kind } as KubernetesObject &
    Record<string, unknown>
  const { managedFields: _fields, ...meta } = metadata
  const all: Record<string, unknown> = { ...rest, metadata: meta }
  const names = Object.keys(all).sort((a, b) => rank(a) - rank(b))
  return stringify(Object.fromEntries(names.map((name) => [name, all[name]])), { lineWidth: 0 })
}

const rank = (name: string): number => (order.indexOf(name) + order.length + 1) % (order.length + 1)

export class YamlError extends Error {
  override readonly name = 'YamlError'
  readonly code = 'NotAnObject'
}

/** The object that a text describes. Throws a YamlError with the place when it is none. */
export function fromYaml(text: string): KubernetesObject {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    throw new YamlError(error instanceof Error ? error.message : String(error), { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new YamlError('an object must be a map')
  return value
}
