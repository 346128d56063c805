import { expect, it } from 'vitest'
import { seen } from '../../test/support/kubelet-builders.ts'
import { crashesAfter, restartDelayMs } from './restart-delay.ts'

it('restarts at once, then after 10 s, doubling up to 5 minutes', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8].map((crashes) => restartDelayMs(crashes) / 1000)).toEqual([
    0, 10, 20, 40, 80, 160, 300, 300,
  ])
})

it('counts ends in a row, and anew after ten healthy minutes', () => {
  expect(crashesAfter(seen({ state: 'exited', crashes: 4, startedAgo: 30 }))).toBe(5)
  expect(crashesAfter(seen({ state: 'exited', crashes: 4, startedAgo: 601 }))).toBe(1)
})
