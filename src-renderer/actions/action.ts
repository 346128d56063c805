import type { IconName } from '../theme/icon-paths.ts'

/** What a user can do to an object, with the two other ways to do the same. */
export interface Action {
  readonly id: string
  /** The text's key. */
  readonly title: string
  readonly icon: IconName
  readonly kubectl: string
  readonly http: string
  /** Destructive: what it takes along, as a text's key with its values, is asked first. */
  readonly confirm?: { readonly text: string; readonly values: Readonly<Record<string, string>> }
  /** What must be typed first, because it cannot be undone. */
  readonly typed?: string
  /** It takes something away. */
  readonly danger?: true
  /** Asks for a number first; it is given to `run`. */
  readonly number?: { readonly label: string; readonly value: number }
  run(number?: number): Promise<void>
}
