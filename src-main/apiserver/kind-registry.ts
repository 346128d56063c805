import type { Kind } from '../api/define-kind.ts'
import type { Disposable } from '../lib/disposable.ts'

/** The kinds that the server serves now: the built-in ones and those of CRDs. */
export interface KindRegistry {
  /** The same array until the kinds change. */
  all(): readonly Kind[]
  find(group: string, version: string, plural: string): Kind | undefined
  /** Which kind a body's apiVersion and kind mean. */
  findByName(apiVersion: string, kind: string): Kind | undefined
  /** Whether a resource is served without any CRD, in whatever version. */
  isBuiltIn(group: string, plural: string): boolean
  /** Speaks after kinds have come, changed or gone. */
  onChange(listener: () => void): Disposable
}
