export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One line of a component's log: a sentence and its facts. Never a secret. */
export interface LogEntry {
  readonly time: number
  readonly level: LogLevel
  readonly component: string
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

export interface Log {
  debug(message: string, facts?: Record<string, unknown>): void
  info(message: string, facts?: Record<string, unknown>): void
  warn(message: string, facts?: Record<string, unknown>): void
  error(message: string, facts?: Record<string, unknown>): void
  /** The same sink under another component's name. */
  named(component: string): Log
}

export function createLog(component: string, now: () => number, sink: (entry: LogEntry) => void): Log {
  const at =
    (level: LogLevel) =>
    (message: string, facts: Record<string, unknown> = {}): void =>
      sink({ time: now(), level, component, message, facts })
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    named: (name) => createLog(name, now, sink),
  }
}

/** Swallows every entry: for tests that look elsewhere. */
export const silentLog: Log = createLog(
  '',
  () => 0,
  () => undefined,
)

/** An error's message with the messages of its causes, for a log line or a condition. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error instanceof AggregateError ? error.errors.map(describeError).join('; ') : ''
  const cause = error.cause === undefined ? '' : `: ${describeError(error.cause)}`
  return `${error.message}${inner === '' ? '' : ` (${inner})`}${cause}`
}
