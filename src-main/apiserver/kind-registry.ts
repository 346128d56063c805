import type { Kind } from '../api/define-kind.ts'

/** The kinds that the server serves now: the built-in ones and those of CRDs. */
export interface KindRegistry {
  all(): readonly Kind[]
  find(group: string, version: string, plural: string): Kind | undefined
  /** Which kind a body's apiVersion and kind mean. */
  findByName(apiVersion: string, kind: string): Kind | undefined
}
