/** Cron schedules: five fields or a word, read once, and when they fire next in a time zone. */

export class ScheduleError extends Error {
  override readonly name = 'ScheduleError'
  readonly code = 'InvalidSchedule'
}

interface Fields {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>
  /** When both days and weekdays are narrowed, either is enough. */
  readonly eitherDay: boolean
}

export type Schedule = Fields | { readonly everyMs: number }

const words: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** Throws ScheduleError. */
export function parseSchedule(text: string): Schedule {
  const trimmed = text.trim()
  if (trimmed.startsWith('@every ')) return { everyMs: parseDuration(trimmed.slice('@every '.length)) }
  const parts = (words[trimmed] ?? trimmed).split(/\s+/)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts
  if (parts.length !== 5) throw new ScheduleError(`expected exactly 5 fields, found ${parts.length}: ${trimmed}`)
  return {
    minutes: parseField(minute, 0, 59),
    hours: parseField(hour, 0, 23),
    days: parseField(day, 1, 31),
    months: parseField(month, 1, 12, monthNames),
    weekdays: new Set([...parseField(weekday, 0, 7, weekdayNames)].map((one) => one % 7)),
    eitherDay: !isOpen(day) && !isOpen(weekday),
  }
}

const isOpen = (field: string): boolean => field === '*' || field === '?'

function parseField(field: string, least: number, most: number, names: readonly string[] = []): Set<number> {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '', step, ...rest] = part.split('/')
    const [first = '', last, ...more] = isOpen(range) ? [String(least), String(most)] : range.split('-')
    if (rest.length + more.length > 0) throw new ScheduleError(`failed to parse ${JSON.stringify(part)}`)
    const from = parseNumber(first, least, most, names)
    const by = step === undefined ? 1 : parseNumber(step, 1, most)
    const to = last === undefined ? (step === undefined ? from : most) : parseNumber(last, least, most, names)
    if (from > to) throw new ScheduleError(`the range ${JSON.stringify(range)} runs backwards`)
    for (let value = from; value <= to; value += by) values.add(value)
  }
  return values
}

function parseNumber(text: string, least: number, most: number, names: readonly string[] = []): number {
  const named = names.indexOf(text.toLowerCase())
  const value = named >= 0 ? named + (names.length === 12 ? 1 : 0) : /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most))
    throw new ScheduleError(`${JSON.stringify(text)} is not between ${least} and ${most}`)
  return value
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 }

function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)([hms])/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text)
    throw new ScheduleError(`failed to parse the duration ${JSON.stringify(text)}`)
  return Math.max(
    1000,
    parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? 0), 0),
  )
}

interface WallClock {
  readonly minute: number
  readonly hour: number
  readonly day: number
  readonly month: number
  readonly weekday: number
}

export type TimeZone = (unixMs: number) => WallClock

export const utc: TimeZone = (unixMs) => {
  const date = new Date(unixMs)
  return {
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    day: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    weekday: date.getUTCDay(),
  }
}

/** A zone of the IANA database, such as `Europe/Berlin`. Throws ScheduleError for a name that it does not have. */
export function timeZone(name: string): TimeZone {
  let format: Intl.DateTimeFormat
  try {
    const parts = { minute: 'numeric', hour: 'numeric', day: 'numeric', month: 'numeric', weekday: 'short' } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', ...parts })
  } catch (error) {
    throw new ScheduleError(`unknown time zone ${name}`, { cause: error })
  }
  return (unixMs) => {
    const parts = new Map(format.formatToParts(unixMs).map(({ type, value }) => [type, value]))
    const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
    return {
      minute: number('minute'),
      hour: number('hour'),
      day: number('day'),
      month: number('month'),
      weekday: weekdayNames.indexOf((parts.get('weekday') ?? '').toLowerCase()),
    }
  }
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** A line that does not fire for so long never does: 29 February is the rarest that can. */
const horizonMs = 9 * 366 * 24 * hourMs

/** The first time after `afterMs` at which the schedule fires; undefined when it never does. Unix milliseconds. */
export function nextAfter(schedule: Schedule, afterMs: number, zone: TimeZone): number | undefined {
  if ('everyMs' in schedule) return Math.floor(afterMs / 1000) * 1000 + schedule.everyMs
  let time = (Math.floor(afterMs / minuteMs) + 1) * minuteMs
  while (time - afterMs < horizonMs) {
    const clock = zone(time)
    if (!schedule.months.has(clock.month) || !dayMatches(schedule, clock))
      // Never past the next midnight, also on a day that the clocks make shorter.
      time += Math.max(1, 23 - clock.hour) * hourMs - clock.minute * minuteMs
    else if (!schedule.hours.has(clock.hour)) time += hourMs - clock.minute * minuteMs
    else if (!schedule.minutes.has(clock.minute)) time += minuteMs
    else return time
  }
  return undefined
}

function dayMatches({ days, weekdays, eitherDay }: Fields, { day, weekday }: WallClock): boolean {
  return eitherDay ? days.has(day) || weekdays.has(weekday) : days.has(day) && weekdays.has(weekday)
}
