import { goJsonError } from '../../../lib/go-json-error.ts'
import { defineKind, type Column } from '../../define-kind.ts'
import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import type { Secret } from '../../types/core-v1.ts'
import { secretWarnings } from '../../warnings/secret-warnings.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'
import { checkBase64, checkImmutable, checkKeys, checkSize, decodedBytes } from './data-validation.ts'

const columns: readonly Column<Secret>[] = [
  nameColumn,
  column('Type', 'string', ({ type }) => type ?? ''),
  column('Data', 'string', ({ data = {} }) => Object.keys(data).length),
  ageColumn,
]

/** Base64 of a text's UTF-8 bytes. */
export function base64OfText(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''))
}

const accountAnnotation = 'kubernetes.io/service-account.name'
const dataPath = (key: string): string => `data[${key}]`

type Data = Readonly<Record<string, string>>
type Contents = (data: Data, secret: Secret) => FieldError[]

/** Keys without which a secret of a type is of no use; `filled`: nor is it with nothing under them. */
const missing = (data: Data, keys: readonly string[], filled = false): FieldError[] =>
  keys.filter((key) => !Object.hasOwn(data, key) || (filled && data[key] === '')).map((key) => required(dataPath(key)))

/** An object of JSON, or null. */
const jsonUnder =
  (key: string): Contents =>
  (data) => {
    const text = data[key]
    if (text === undefined) return [required(dataPath(key))]
    const problem = jsonProblem(text)
    return problem === undefined ? [] : [invalid(dataPath(key), '<secret contents redacted>', problem)]
  }

const goNames: Readonly<Record<string, string>> = { '[': 'array', '"': 'string', t: 'bool', f: 'bool' }

function jsonProblem(base64: string): string | undefined {
  // That it is no base64 is told already.
  if (checkBase64('', base64).length > 0) return undefined
  const text = atob(base64)
  const problem = goJsonError(text)
  if (problem !== undefined) return problem
  const first = /[^ \t\r\n]/.exec(text)?.[0] ?? ''
  if (first === '{' || first === 'n') return undefined
  return `json: cannot unmarshal ${goNames[first] ?? 'number'} into Go value of type map[string]interface {}`
}

const contents: Readonly<Record<string, Contents>> = {
  'kubernetes.io/service-account-token': (_data, { metadata }) =>
    (metadata?.annotations?.[accountAnnotation] ?? '') === ''
      ? [required(`metadata.annotations[${accountAnnotation}]`)]
      : [],
  'kubernetes.io/dockercfg': jsonUnder('.dockercfg'),
  'kubernetes.io/dockerconfigjson': jsonUnder('.dockerconfigjson'),
  // One of them is enough.
  'kubernetes.io/basic-auth': (data) =>
    ['username', 'password'].some((key) => Object.hasOwn(data, key)) ? [] : missing(data, ['username', 'password']),
  'kubernetes.io/ssh-auth': (data) => missing(data, ['ssh-privatekey'], true),
  'kubernetes.io/tls': (data) => missing(data, ['tls.crt', 'tls.key']),
}

function validateSecret(secret: Secret): FieldError[] {
  const { type = '', data = {} } = secret
  const bytes = Object.values(data).reduce((sum, value) => sum + decodedBytes(value), 0)
  return [
    ...checkKeys(data, 'data'),
    ...Object.entries(data).flatMap(([key, value]) => checkBase64(dataPath(key), value)),
    ...checkSize('data', bytes),
    ...(Object.hasOwn(contents, type) ? (contents[type]?.(data, secret) ?? []) : []),
  ]
}

export const secret = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  ownColumns: true,
  columns,
  selectableFields: { type: (object) => object.type ?? '' },
  defaults(draft) {
    draft.type ??= 'Opaque'
    const { stringData } = draft
    if (stringData === undefined) return
    const encoded = Object.entries(stringData).map(([key, text]) => [key, base64OfText(text)] as const)
    draft.data = { ...draft.data, ...Object.fromEntries(encoded) }
    delete draft.stringData
  },
  validateNew: validateSecret,
  validateUpdate: (object, previous) => [
    ...checkUnchanged('type', object.type, previous.type),
    ...checkImmutable(object, previous, ['data']),
    ...validateSecret(object),
  ],
  warn: secretWarnings,
})
