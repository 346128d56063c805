/** No ordinary request takes forever: neither a slow handler nor a client that never ends its body. */
import { badRequest, StatusError } from '../api/errors.ts'
import type { Clock } from '../lib/clock.ts'
import { isTrue } from './filters/request-info.ts'
import type { ServerRequest } from './request.ts'

/** What a request may take at most, and has when it names no time. */
export const longestMs = 60_000

const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}
const lastingSubresources = /\/(?:attach|exec|log|portforward|proxy)(?:\/|$)/

/** Milliseconds; undefined for what lasts by its nature. Throws `BadRequest` for a `timeout` that is none. */
export function deadlineOf({ path, query }: Pick<ServerRequest, 'path' | 'query'>): number | undefined {
  if (isTrue(query.get('watch')) || lastingSubresources.test(path)) return undefined
  const text = query.get('timeout') ?? ''
  if (text === '') return longestMs
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw badRequest(
      `invalid timeout specified in the request URL - time: ${durationFault(text)} duration ${JSON.stringify(text)}`,
    )
  const asked = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitsMs[unit] ?? 0), 0)
  return asked === 0 ? longestMs : Math.min(asked, longestMs)
}

function durationFault(text: string): string {
  const first = /^(?:\d+(?:\.\d*)?|\.\d+)([^\d.]*)/.exec(text)
  if (first === null) return 'invalid'
  const [, unit = ''] = first
  return unit === '' ? 'missing unit in' : unit in unitsMs ? 'invalid' : `unknown unit ${JSON.stringify(unit)} in`
}

/** What the work gives, or a 504 when its time is over; it then goes on unheard. */
export function within<T>(deadlineMs: number | undefined, clock: Clock, work: Promise<T>): Promise<T> {
  if (deadlineMs === undefined) return work
  return new Promise((resolve, reject) => {
    const timer = clock.after(deadlineMs, () => reject(timeout()))
    work.then(resolve, reject).finally(() => void timer.dispose())
  })
}

const timeout = (): StatusError =>
  new StatusError(
    504,
    'Timeout',
    'Timeout: request did not complete within requested timeout - context deadline exceeded',
    {},
  )
