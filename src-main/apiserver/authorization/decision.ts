/** What somebody wants to do, and whether they may. */
import type { ResourceTarget } from '../filters/request-info.ts'

/** A request, or a question about one. */
export type AccessRequest =
  | {
      readonly type: 'resource'
      readonly verb: string
      readonly target: ResourceTarget
      /** In the syntax of a query, of lists, watches and deletions of many. */
      readonly fieldSelector?: string
      readonly labelSelector?: string
    }
  | { readonly type: 'path'; readonly verb: string; readonly path: string }

export interface Decision {
  readonly allowed: boolean
  /** Who decided it and why; for the audit log, and for the client where it is refused. Empty: nobody had a say. */
  readonly reason: string
}
