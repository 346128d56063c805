import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { deadlineOf, within } from './request-deadline.ts'

const deadline = (target: string): number | undefined => {
  const url = new URL(target, 'http://localhost')
  return deadlineOf({ path: url.pathname, query: url.searchParams })
}

describe('the time that a request has', () => {
  it.each([
    ['/api/v1/pods', 60_000],
    ['/api/v1/pods?timeout=1500ms', 1500],
    ['/api/v1/pods?timeout=1m0s', 60_000],
    ['/api/v1/pods?timeout=1h', 60_000],
    ['/api/v1/pods?watch=true&timeout=1s', undefined],
    ['/api/v1/namespaces/a/pods/p/log?follow=true', undefined],
    ['/api/v1/namespaces/a/pods/p/exec', undefined],
  ])('of %s is %s ms', (target, expected) => expect(deadline(target)).toBe(expected))

  it.each([
    ['soon', 'invalid duration "soon"'],
    ['30', 'missing unit in duration "30"'],
    ['1d', 'unknown unit "d" in duration "1d"'],
  ])('must be one: %s', (timeout, fault) => {
    const message = `invalid timeout specified in the request URL - time: ${fault}`
    expect(() => deadline(`/api/v1/pods?timeout=${timeout}`)).toThrow(expect.objectContaining({ code: 400, message }))
  })

  it('ends it with 504, and leaves quick ones alone', async () => {
    const clock = new VirtualClock()
    const slow = within(1000, clock, new Promise(() => undefined))
    const refused = expect(slow).rejects.toMatchObject({ code: 504, reason: 'Timeout' })
    expect(await within(1000, clock, Promise.resolve('quick'))).toBe('quick')
    await clock.advance(1001)
    await refused
  })
})
