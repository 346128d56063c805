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

/** Keys without which a secret of a type is of no use. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
}

const accountAnnotation = 'kubernetes.io/service-account.name'

/** What must be JSON, and that somebody must be named, or a password be there. */
function validateContents(type: string, data: Readonly<Record<string, string>>): FieldError[] {
  if (type === 'kubernetes.io/basic-auth') {
    const keys = ['username', 'password']
    return keys.some((key) => Object.hasOwn(data, key)) ? [] : keys.map((key) => required(`data[${key}]`))
  }
  if (type !== 'kubernetes.io/dockercfg' && type !== 'kubernetes.io/dockerconfigjson') return []
  const key = type === 'kubernetes.io/dockercfg' ? '.dockercfg' : '.dockerconfigjson'
  const text = data[key]
  if (text === undefined) return []
  try {
    JSON.parse(atob(text))
    return []
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof DOMException)) throw error
    return [invalid(`data[${key}]`, '<secret contents redacted>', 'must be JSON')]
  }
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
  validate({ type = '', data = {}, metadata }) {
    const missing = (requiredKeys[type] ?? []).filter((key) => !Object.hasOwn(data, key))
    const account = metadata?.annotations?.[accountAnnotation] ?? ''
    return [
      ...checkKeys(data, 'data'),
      ...Object.entries(data).flatMap(([key, value]) => checkBase64(`data[${key}]`, value)),
      ...checkSize(
        'data',
        Object.values(data).reduce((sum, value) => sum + decodedBytes(value), 0),
      ),
      ...missing.map((key) => required(`data[${key}]`)),
      ...validateContents(type, data),
      ...(type === 'kubernetes.io/service-account-token' && account === ''
        ? [required(`metadata.annotations[${accountAnnotation}]`)]
        : []),
    ]
  },
  validateUpdate: (object, previous) => [
    ...checkUnchanged('type', object.type, previous.type),
    ...checkImmutable(object, previous, ['data']),
  ],
  warn: secretWarnings,
})
