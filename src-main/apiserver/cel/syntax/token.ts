import type { Uint } from '../values/uint.ts'

export type Literal = null | boolean | bigint | Uint | number | string | Uint8Array

export interface Token {
  readonly type: 'ident' | 'number' | 'string' | 'operator' | 'end'
  /** The name of an identifier, the characters of an operator; of all else the source text. */
  readonly text: string
  readonly value?: Literal
  readonly offset: number
}

/** Words that are no identifiers, because other languages that CEL is translated to have them. */
export const reservedWords: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)
