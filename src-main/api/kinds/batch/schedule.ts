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

interface Bounds {
  readonly least: number
  readonly most: number
  readonly names?: readonly string[]
}

interface Field {
  readonly values: ReadonlySet<number>
  /** It says nothing: `*` is in it, and not in steps. */
  readonly open: boolean
}

/** Throws ScheduleError, in the words of the library that Kubernetes reads them with. */
export function parseSchedule(text: string): Schedule {
  if (text.startsWith('@every ')) return { everyMs: parseEvery(text) }
  if (text.startsWith('@') && !Object.hasOwn(words, text)) throw new ScheduleError(`unrecognized descriptor: ${text}`)
  const parts = (words[text] ?? text).split(/\s+/).filter((part) => part !== '')
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts
  if (parts.length !== 5)
    throw new ScheduleError(`expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`)
  const minutes = parseField(minute, { least: 0, most: 59 })
  const hours = parseField(hour, { least: 0, most: 23 })
  const days = parseField(day, { least: 1, most: 31 })
  const months = parseField(month, { least: 1, most: 12, names: ['', ...monthNames] })
  const weekdays = parseField(weekday, { least: 0, most: 6, names: weekdayNames })
  return {
    ...{ minutes: minutes.values, hours: hours.values, days: days.values },
    ...{ months: months.values, weekdays: weekdays.values },
    eitherDay: !days.open && !weekdays.open,
  }
}

function parseField(field: string, bounds: Bounds): Field {
  const values = new Set<number>()
  let open = false
  for (const part of field.split(',').filter((one) => one !== '')) {
    const { from, to, by, isStar } = parseRange(part, bounds)
    open ||= isStar && by === 1
    for (let value = from; value <= to; value += by) values.add(value)
  }
  return { values, open }
}

function parseRange(part: string, bounds: Bounds): { from: number; to: number; by: number; isStar: boolean } {
  const { least, most } = bounds
  const [range = '', step, ...rest] = part.split('/')
  const [first = '', last, ...more] = range.split('-')
  const isStar = first === '*' || first === '?'
  const from = isStar ? least : parseNumber(first, bounds.names)
  if (!isStar && more.length > 0) throw new ScheduleError(`too many hyphens: ${part}`)
  const named = isStar ? most : last === undefined ? from : parseNumber(last, bounds.names)
  if (rest.length > 0) throw new ScheduleError(`too many slashes: ${part}`)
  const by = step === undefined ? 1 : parseNumber(step)
  // A single number with steps goes on to the end.
  const to = step !== undefined && last === undefined ? most : named
  if (from < least) throw new ScheduleError(`beginning of range (${from}) below minimum (${least}): ${part}`)
  if (to > most) throw new ScheduleError(`end of range (${to}) above maximum (${most}): ${part}`)
  if (from > to) throw new ScheduleError(`beginning of range (${from}) beyond end of range (${to}): ${part}`)
  if (by === 0) throw new ScheduleError(`step of range should be a positive number: ${part}`)
  return { from, to, by, isStar }
}

function parseNumber(text: string, names: readonly string[] = []): number {
  const named = text === '' ? -1 : names.indexOf(text.toLowerCase())
  if (named >= 0) return named
  const why = !/^[+-]?\d+$/.test(text) ? 'invalid syntax' : /\d{19}/.test(text) ? 'value out of range' : undefined
  if (why !== undefined)
    throw new ScheduleError(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: ${why}`)
  if (text.startsWith('-') && Number(text) !== 0)
    throw new ScheduleError(`negative number (${Number(text)}) not allowed: ${text}`)
  return Math.abs(Number(text))
}

const unitMs: Readonly<Record<string, number>> = {
  ...{ h: 3_600_000, m: 60_000, s: 1000, ms: 1 },
  ...{ us: 1e-3, µs: 1e-3, μs: 1e-3, ns: 1e-6 },
}

/** Whole seconds, one at least. */
function parseEvery(text: string): number {
  const duration = text.slice('@every '.length)
  const refuse = (why: string, about = ''): never => {
    throw new ScheduleError(
      `failed to parse duration ${text}: time: ${why} ${about}duration ${JSON.stringify(duration)}`,
    )
  }
  const [, sign = '', amounts = ''] = /^([+-]?)(.*)$/s.exec(duration) ?? []
  if (amounts === '0') return 1000
  if (amounts === '') return refuse('invalid')
  let sum = 0
  let rest = amounts
  while (rest !== '') {
    const [whole = '', number = '', unit = ''] = /^(\d*\.?\d*)([^\d.]*)/.exec(rest) ?? []
    if (!/\d/.test(number)) return refuse('invalid')
    if (unit === '') return refuse('missing unit in')
    const size = Object.hasOwn(unitMs, unit) ? unitMs[unit] : undefined
    if (size === undefined) return refuse('unknown unit', `${JSON.stringify(unit)} in `)
    sum += Number(number) * size
    rest = rest.slice(whole.length)
  }
  return sign === '-' ? 1000 : Math.max(1000, Math.floor(sum / 1000) * 1000)
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
  // Offsets are no names, and names have their case, where Kubernetes looks them up.
  if (/^[+-]/.test(name)) throw new ScheduleError(`unknown time zone ${name}`)
  try {
    const parts = { minute: 'numeric', hour: 'numeric', day: 'numeric', month: 'numeric', weekday: 'short' } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', ...parts })
  } catch (error) {
    throw new ScheduleError(`unknown time zone ${name}`, { cause: error })
  }
  const { timeZone: known } = format.resolvedOptions()
  if (known !== name && known.toLowerCase() === name.toLowerCase()) throw new ScheduleError(`unknown time zone ${name}`)
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
