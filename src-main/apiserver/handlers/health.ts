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
  const asked = checks.filter(({ readiness }) => endpoint === 'readyz' || readiness !== true)
  if (rest.length > 0) return oneAnswer(asked.find(({ name }) => name === rest.join('/')))
  const excluded = new Set(query.getAll('exclude'))
  const lines: string[] = []
  let failed = false
  for (const { name, fault } of asked) {
    const isExcluded = excluded.delete(name)
    const isFine = isExcluded || fault() === undefined
    failed ||= !isFine
    // Anybody may ask; what is wrong is told only to those who may read the one check.
    lines.push(isExcluded ? `[+]${name} excluded: ok` : isFine ? `[+]${name} ok` : `[-]${name} failed: reason withheld`)
  }
  if (excluded.size > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${quoted(excluded)}`)
  if (failed) return text(500, [...lines, `${endpoint} check failed`, ''].join('\n'))
  return text(200, query.has('verbose') ? [...lines, `${endpoint} check passed`, ''].join('\n') : 'ok')
}

function oneAnswer(check: HealthCheck | undefined): Answer | undefined {
  if (check === undefined) return undefined
  const reason = check.fault()
  return reason === undefined ? text(200, 'ok') : text(500, `internal server error: ${reason}\n`)
}

const quoted = (names: ReadonlySet<string>): string =>
  [...names]
    .toSorted()
    .map((name) => JSON.stringify(name))
    .join(',')

const text = (code: number, content: string): Answer => ({
  type: 'bytes',
  code,
  contentType: 'text/plain; charset=utf-8',
  bytes: Buffer.from(content),
  headers: { 'x-content-type-options': 'nosniff' },
})
