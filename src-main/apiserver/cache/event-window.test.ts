import { describe, expect, it } from 'vitest'
import { CachedObject } from './cached-object.ts'
import { EventWindow } from './event-window.ts'

const event = (revision: number, timeMs = 0) => {
  const stored = CachedObject.fromObject('a', revision, {})
  return { type: 'put', namespace: '', name: 'a', revision, stored, previous: undefined, timeMs } as const
}
const revisions = (window: EventWindow, after: number) => window.after(after)?.map(({ revision }) => revision)

describe('the window of recent events', () => {
  it('gives what came after a revision', () => {
    const window = new EventWindow(5)
    for (const revision of [7, 7, 9]) window.push(event(revision))
    expect(revisions(window, 5)).toEqual([7, 7, 9])
    expect(revisions(window, 7)).toEqual([9])
    expect(revisions(window, 8)).toEqual([9])
    expect(revisions(window, 20)).toEqual([])
    expect(revisions(window, 4)).toBeUndefined()
  })

  it('keeps many events while they are young, and the newest however old they are', () => {
    const window = new EventWindow(0)
    for (let revision = 1; revision <= 2000; revision++) window.push(event(revision))
    expect(revisions(window, 0)).toHaveLength(2000)
    window.push(event(2001, 80_000))
    expect(window.floor).toBe(2001 - 512)
    expect(revisions(window, window.floor)).toHaveLength(512)
    expect(revisions(window, window.floor - 1)).toBeUndefined()
  })

  it('never keeps more than its limit', () => {
    const window = new EventWindow(0)
    for (let revision = 1; revision <= 40_000; revision++) window.push(event(revision))
    expect(revisions(window, window.floor)).toHaveLength(16_384)
  })
})
