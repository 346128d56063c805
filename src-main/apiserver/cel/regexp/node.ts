/** The tree of a regular expression in the syntax of RE2. */
export type CharacterTest = (code: number) => boolean

export type Assertion = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'wordBoundary' | 'noWordBoundary'

export type RegexpNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexpNode[] }
  | { readonly kind: 'choice'; readonly options: readonly RegexpNode[] }
  | {
      readonly kind: 'repeat'
      readonly part: RegexpNode
      readonly minimum: number
      /** Infinity: without an end. */
      readonly maximum: number
      readonly greedy: boolean
    }

export class RegexpError extends Error {
  override readonly name = 'RegexpError'
  readonly code = 'InvalidRegexp'
}
