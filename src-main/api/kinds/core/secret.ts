import { defineKind, type Column } from '../../define-kind.ts'
import type { Secret } from '../../types/core-v1.ts'
import { ageColumn, column, nameColumn } from '../table-columns.ts'

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
})
