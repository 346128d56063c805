/** The tree of a regular expression in the syntax of RE2. */
import type { CharSet } from './char-set.ts'

export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word' | 'not-word'

export type RegexNode =
  | { readonly type: 'empty' }
  | { readonly type: 'chars'; readonly set: CharSet }
  | { readonly type: 'assert'; readonly assertion: Assertion }
  | { readonly type: 'concat' | 'alternate'; readonly parts: readonly RegexNode[] }
  | RepeatNode

export interface RepeatNode {
  readonly type: 'repeat'
  readonly node: RegexNode
  readonly minimum: number
  /** Infinity for `*`, `+` and `{n,}`. */
  readonly maximum: number
  /** Whether more are preferred to fewer; it makes no difference to whether something matches. */
  readonly greedy: boolean
}

/** The message is in the words of Go's regexp package, which clients know. */
export class RegexSyntaxError extends Error {
  readonly code = 'RegexSyntax'

  constructor(problem: string, where: string) {
    super(`error parsing regexp: ${problem}${where === '' ? '' : `: \`${where}\``}`)
  }
}
