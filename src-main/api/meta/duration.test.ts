import { expect, it } from 'vitest'
import { humanAge, humanDuration } from './duration.ts'

const s = 1000
const m = 60 * s
const h = 60 * m
const d = 24 * h

it.each([
  [-3 * s, '<invalid>'],
  [-1 * s, '0s'],
  [0, '0s'],
  [999, '0s'],
  [119 * s, '119s'],
  [2 * m, '2m'],
  [2 * m + 5 * s, '2m5s'],
  [9 * m + 59 * s, '9m59s'],
  [10 * m + 5 * s, '10m'],
  [179 * m, '179m'],
  [3 * h, '3h'],
  [7 * h + 59 * m, '7h59m'],
  [8 * h + 59 * m, '8h'],
  [47 * h, '47h'],
  [2 * d, '2d'],
  [7 * d + 23 * h, '7d23h'],
  [8 * d, '8d'],
  [729 * d, '729d'],
  [730 * d, '2y'],
  [735 * d, '2y5d'],
  [3000 * d, '8y'],
])('%i milliseconds are %s', (durationMs, text) => expect(humanDuration(durationMs)).toBe(text))

it('an age counts from a timestamp', () => {
  expect(humanAge('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:01:00Z'))).toBe('60s')
  expect(humanAge(undefined, 0)).toBe('<unknown>')
})
