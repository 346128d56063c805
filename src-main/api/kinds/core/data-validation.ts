/** What ConfigMaps and Secrets share: keys that become file names, a limit of size, and being immutable. */
import { withoutEnd } from '../../../lib/without-end.ts'
import { forbidden, invalid, tooLong, type FieldError } from '../../field-error.ts'
import { problemsAt, sameValue } from '../../meta/field-checks.ts'
import { dataKeyProblems } from '../../meta/names.ts'

type Data = Readonly<Record<string, string>> | undefined

const maximumBytes = 1024 * 1024

export const checkKeys = (data: Data, path: string): FieldError[] =>
  Object.keys(data ?? {}).flatMap((key) => problemsAt(`${path}[${key}]`, key, dataKeyProblems(key)))

export const textBytes = (text: string): number => new TextEncoder().encode(text).length

/** How many bytes a base64 text stands for. */
export function decodedBytes(base64: string): number {
  return Math.floor((withoutEnd(base64, '=').length * 3) / 4)
}

export const checkSize = (path: string, bytes: number): FieldError[] =>
  bytes > maximumBytes ? [tooLong(path, maximumBytes)] : []

interface Holder {
  readonly immutable?: boolean
}

/** Once immutable, neither the data nor being immutable may change. */
export function checkImmutable<T extends Holder>(
  object: T,
  previous: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (previous.immutable !== true) return []
  const words = 'field is immutable when `immutable` is set'
  return [
    ...(object.immutable === true ? [] : [forbidden('immutable', words)]),
    ...fields
      .filter((field) => !sameValue(object[field] ?? {}, previous[field] ?? {}))
      .map((field) => forbidden(field, words)),
  ]
}

/** Base64 as Kubernetes reads it: the standard alphabet, padded. */
export function checkBase64(path: string, value: string): FieldError[] {
  const fine = value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value)
  return fine ? [] : [invalid(path, '<binary data>', 'must be base64 encoded')]
}
