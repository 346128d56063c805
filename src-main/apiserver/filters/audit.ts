/** A line for every request that came to its end: who did what, and how it went. Never a body. */
export interface AuditEntry {
  readonly timeMs: number
  readonly durationMs: number
  readonly user: string
  readonly verb: string
  readonly path: string
  readonly code: number
  /** What admission has noted of the request, such as the annotations of webhooks. */
  readonly annotations?: Readonly<Record<string, string>>
}

export type AuditSink = (entry: AuditEntry) => void
