import { describe, expect, it } from 'vitest'
import { nextAfter, parseSchedule, ScheduleError, timeZone, utc } from './schedule.ts'

const start = Date.UTC(2026, 0, 1)
const firings = (line: string, zone = utc, from = start): string[] => {
  const schedule = parseSchedule(line)
  const found: string[] = []
  for (let time = nextAfter(schedule, from, zone); time !== undefined && found.length < 3;) {
    found.push(new Date(time).toISOString().slice(0, 16))
    time = nextAfter(schedule, time, zone)
  }
  return found
}

describe('a schedule', () => {
  it.each([
    ['*/20 * * * *', ['2026-01-01T00:20', '2026-01-01T00:40', '2026-01-01T01:00']],
    ['5/30 1 * * *', ['2026-01-01T01:05', '2026-01-01T01:35', '2026-01-02T01:05']],
    ['0 0 13 * fri', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-13T00:00']],
    ['0 0 */15 * fri', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-16T00:00']],
    ['0 0 */1 * fri', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-16T00:00']],
    ['0 0 29 feb ?', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
    ['0 0 30 2 *', []],
    [', * * * *', []],
    ['@weekly', ['2026-01-04T00:00', '2026-01-11T00:00', '2026-01-18T00:00']],
    ['@every 1h30m', ['2026-01-01T01:30', '2026-01-01T03:00', '2026-01-01T04:30']],
    ['@every 1.5h', ['2026-01-01T01:30', '2026-01-01T03:00', '2026-01-01T04:30']],
  ])('of %s fires at %j', (line, times) => {
    expect(firings(line)).toEqual(times)
  })

  it('fires by the clocks of its zone, also where these are changed', () => {
    const berlin = timeZone('Europe/Berlin')
    expect(firings('30 1 * * *', berlin, Date.UTC(2026, 2, 28))).toEqual([
      ...['2026-03-28T00:30', '2026-03-29T00:30', '2026-03-29T23:30'],
    ])
    // Half past two is left out on the day that has none.
    expect(firings('30 2 * * *', berlin, Date.UTC(2026, 2, 28))).toEqual([
      ...['2026-03-28T01:30', '2026-03-30T00:30', '2026-03-31T00:30'],
    ])
  })

  it.each([
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['@often', 'unrecognized descriptor: @often'],
    ['0 0 * * 7', 'end of range (7) above maximum (6): 7'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['0 0 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['9-5 * * * *', 'beginning of range (9) beyond end of range (5): 9-5'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['* * * jam *', 'failed to parse int from jam: strconv.Atoi: parsing "jam": invalid syntax'],
    ['@every 1d', 'failed to parse duration @every 1d: time: unknown unit "d" in duration "1d"'],
    ['@every 10', 'failed to parse duration @every 10: time: missing unit in duration "10"'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ])('of %s is refused', (line, message) => {
    expect(() => parseSchedule(line)).toThrow(new ScheduleError(message))
  })

  it.each(['Mars/Olympus', '+01:00', 'europe/berlin'])('knows no zone %s', (name) => {
    expect(() => timeZone(name)).toThrow(new ScheduleError(`unknown time zone ${name}`))
  })
})
