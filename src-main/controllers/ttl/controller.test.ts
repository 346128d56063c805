import { expect, it } from 'vitest'
import { ttlSeconds } from './controller.ts'

it.each([
  [1, 0],
  [100, 0],
  [101, 15],
  [1000, 30],
  [5000, 300],
])('in a cluster of %i nodes kubelets may keep what they read for %i seconds', (nodes, seconds) => {
  expect(ttlSeconds(nodes)).toBe(seconds)
})
