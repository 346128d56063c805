import { expect, it } from 'vitest'
import { ttlSeconds, ttlStep } from './plan.ts'

it.each([
  [1, 0, 0],
  [100, 0, 0],
  [101, 0, 15],
  [1000, 0, 30],
  [5000, 0, 300],
  [90, 1, 15],
  [89, 1, 0],
  [1800, 4, 300],
  [1799, 4, 60],
  [3, 4, 0],
])(
  'in a cluster of %i nodes that was at step %i kubelets may keep what they read for %i seconds',
  (nodes, at, seconds) => {
    expect(ttlSeconds(ttlStep(nodes, at))).toBe(seconds)
  },
)
