import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../lib/random.ts'
import { SortedMap } from './sorted-map.ts'

describe('a sorted map', () => {
  it('behaves like a sorted list of keys, whatever is put in and taken out', () => {
    const random = seededRandom(7)
    const map = new SortedMap<number>()
    const model = new Map<string, number>()
    for (let step = 0; step < 20_000; step++) {
      const key = `${'abc'.charAt(random.integer(3))}/${random.integer(3000)}`
      if (random.next() < 0.3) expect(map.delete(key)).toBe(model.delete(key))
      else {
        map.set(key, step)
        model.set(key, step)
      }
    }
    const sorted = [...model].sort(([left], [right]) => (left < right ? -1 : 1))
    expect([...map.entries()]).toEqual(sorted)
    expect(map.values()).toEqual(sorted.map(([, value]) => value))
    expect(map.size).toBe(model.size)
    expect([...map.entries('b/')]).toEqual(sorted.filter(([key]) => key.startsWith('b/')))
    expect([...map.entries('b/', 'b/15')]).toEqual(sorted.filter(([key]) => key.startsWith('b/') && key > 'b/15'))
    expect([...map.entries('', 'b/15')]).toEqual(sorted.filter(([key]) => key > 'b/15'))
    expect([...map.entries('x')]).toEqual([])
    for (const [prefix, after] of [
      ['', ''],
      ['b/', ''],
      ['b/', 'b/15'],
      ['b/', 'a/2'],
      ['b/', 'c/2'],
      ['', 'b/15'],
      ['x', ''],
    ] as const) {
      const expected = sorted.filter(([key]) => key.startsWith(prefix) && key > after).map(([, value]) => value)
      expect(map.values(prefix, after)).toEqual(expected)
      expect(map.values(prefix, after, 700)).toEqual(expected.slice(0, 700))
      expect(map.count(prefix, after)).toBe(expected.length)
    }
  })
})
