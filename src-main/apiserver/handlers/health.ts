import type { Answer } from '../request.ts'

export interface HealthCheck {
  readonly name: string
  /** Only of interest to `/readyz`: a server that fails it lives, but cannot serve yet. */
  readonly readiness?: boolean
  /** What is wrong, or undefined. */
  readonly fault: () => string | undefined
}

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz'

/** `/readyz`, `/readyz?verbose`, `/readyz?exclude=<check>` or `/readyz/<check>`. */
export function healthAnswer(
  endpoint: HealthEndpoint,
  rest: readonly string[],
  query: URLSearchParams,
  checks: readonly HealthCheck[],
): Answer | undefined {
  const [only, more] = rest
  const asked = checks.filter(
    ({ name, readiness }) => (endpoint === 'readyz' || readiness !== true) && (only ?? name) === name,
  )
  if (more !== undefined || asked.length === 0) return undefined
  const excluded = new Set(query.getAll('exclude'))
  const results = asked.filter(({ name }) => !excluded.has(name)).map(({ name, fault }) => ({ name, reason: fault() }))
  const failed = results.some(({ reason }) => reason !== undefined)
  const lines = results.map(({ name, reason }) =>
    reason === undefined ? `[+]${name} ok` : `[-]${name} failed: ${reason}`,
  )
  if (failed) return text(500, [...lines, `${endpoint} check failed`, ''].join('\n'))
  return text(200, query.has('verbose') ? [...lines, `${endpoint} check passed`, ''].join('\n') : 'ok')
}

const text = (code: number, content: string): Answer => ({
  type: 'bytes',
  code,
  contentType: 'text/plain; charset=utf-8',
  bytes: Buffer.from(content),
  headers: { 'x-content-type-options': 'nosniff' },
})
