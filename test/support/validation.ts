/** What the rules of a kind say of an object, for tables of `[change, causes]`. */
import type { Kind } from '../../src-main/api/define-kind.ts'
import { fieldErrorBody, type FieldError } from '../../src-main/api/field-error.ts'
import type { KubernetesObject } from '../../src-main/api/meta/object.ts'

/** Path such as `spec.ports.0.name` → new value; undefined takes the field away. */
export type Changes = Readonly<Record<string, unknown>>

type Fields = Record<string, unknown>

/** A copy of `base` with the changes; what is missing on the way to a field is made. */
export function withChanges<T>(base: T, changes: Changes): T {
  const copy = JSON.parse(JSON.stringify(base)) as Fields
  for (const [path, value] of Object.entries(changes)) {
    const parts = path.split(/\.(?![^[]*\])/).map((part) => part.replace(/^\[(.*)\]$/, '$1'))
    const last = parts.pop() ?? ''
    let at = copy
    for (const part of parts) at = (at[part] ??= {}) as Fields
    if (value === undefined) Reflect.deleteProperty(at, last)
    else at[last] = value
  }
  return copy as T
}

const textOf = (error: FieldError): string => `${error.path}: ${fieldErrorBody(error)}`
const withDefaults = <T extends KubernetesObject>(kind: Kind<T>, object: T): T => {
  const draft = structuredClone(object)
  kind.defaults?.(draft)
  return draft
}

/** As the server sees a new object: with its defaults and what the server itself sets. */
export function created<T extends KubernetesObject>(kind: Kind<T>, object: T): T {
  const draft = withDefaults(kind, object)
  kind.prepareCreate?.(draft)
  return draft
}

/** What is said of `base` with the changes when it is created, as `path: words`. */
export function creationCauses<T extends KubernetesObject>(kind: Kind<T>, base: T, changes: Changes = {}): string[] {
  const object = created(kind, withChanges(base, changes))
  return [...(kind.validate?.(object) ?? []), ...(kind.validateNew?.(object) ?? [])].map(textOf)
}

/** What is said of the changes when they are made to a stored `base`. */
export function updateCauses<T extends KubernetesObject>(
  kind: Kind<T>,
  base: T,
  changes: Changes,
  subresource = '',
): string[] {
  const previous = created(kind, base)
  const object = withDefaults(kind, withChanges(previous, changes))
  if (subresource === '' || subresource === 'status') kind.prepareUpdate?.(object, previous)
  const errors =
    subresource === 'status' && kind.validateStatus !== undefined
      ? kind.validateStatus(object, previous)
      : [...(kind.validate?.(object) ?? []), ...(kind.validateUpdate?.(object, previous, subresource) ?? [])]
  return errors.map(textOf)
}
