/** The parts of timestamps and durations. */
import { EvaluationError } from '../errors.ts'
import type { Duration, Timestamp } from '../values/time.ts'
import { member, type Overload } from './overload.ts'

type Part = (date: Date) => number

const dayMs = 86_400_000

/** Of a date that shows the local time as if it were UTC. */
const parts: Readonly<Record<string, Part>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDayOfWeek: (date) => date.getUTCDay(),
  getDayOfYear: (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / dayMs),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
}

const spans: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
}

/** A zone by name, or an offset such as `+02:00` or `-7:30`. Throws EvaluationError for another one. */
function inZone(time: Timestamp, zone: string): Date {
  const { date } = time
  const offset = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone)
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3])
    return new Date(date.getTime() + (offset[1] === '-' ? -minutes : minutes) * 60_000)
  }
  const values = new Map(
    formatOf(zone)
      .formatToParts(date)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes): number => values.get(name) ?? 0
  const local = new Date(0)
  local.setUTCFullYear(part('year'), part('month') - 1, part('day'))
  local.setUTCHours(part('hour') % 24, part('minute'), part('second'), date.getUTCMilliseconds())
  return local
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const all = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, ...all, second: 'numeric', hourCycle: 'h23' })
  } catch (cause) {
    throw Object.assign(new EvaluationError(`unknown time zone ${timeZone}`), { cause })
  }
}

export const timeLibrary: readonly Overload[] = [
  ...Object.entries(parts).flatMap(([name, read]) => [
    member('timestamp', name, [], 'int', (time: Timestamp) => BigInt(read(time.date))),
    member('timestamp', name, ['string'], 'int', (time: Timestamp, zone: string) => BigInt(read(inZone(time, zone))), {
      // Time zones are looked up in a large table.
      cost: () => 50,
    }),
  ]),
  ...Object.entries(spans).map(([name, unit]) =>
    member('duration', name, [], 'int', (span: Duration) => span.nanos / unit),
  ),
  member('duration', 'getMilliseconds', [], 'int', (span: Duration) => (span.nanos / 1_000_000n) % 1000n),
]
