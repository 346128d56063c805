import { describe, expect, it } from 'vitest'
import type { Taint, Toleration } from '../../api/types/core-v1.ts'
import { nextStep, stayOf, type Stay, type Step } from './plan.ts'

const taint = (key: string, effect = 'NoExecute'): Taint => ({ key, effect })
const tolerates = (key: string, tolerationSeconds?: number): Toleration => ({
  ...{ key, operator: 'Exists' },
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
})

describe('a pod may stay on a node', () => {
  it.each<[string, Taint[], Toleration[], Stay]>([
    ['without taints', [], [], 'forever'],
    ['with a taint of another effect', [taint('a', 'NoSchedule')], [], 'forever'],
    ['with a taint that it does not tolerate', [taint('a')], [], 'no'],
    ['with one taint of two that it tolerates', [taint('a'), taint('b')], [tolerates('a')], 'no'],
    ['that it tolerates for good', [taint('a')], [tolerates('a')], 'forever'],
    ['that it tolerates for a while', [taint('a')], [tolerates('a', 30)], 30],
    ['with two limits', [taint('a'), taint('b')], [tolerates('a', 30), tolerates('b', 10)], 10],
    ['with one limit of two', [taint('a'), taint('b')], [tolerates('a'), tolerates('b', 10)], 10],
    ['by the first toleration that fits', [taint('a')], [tolerates('a', 30), tolerates('a', 10)], 30],
    ['for no time', [taint('a')], [tolerates('a', -5)], 0],
  ])('%s', (_case, taints, tolerations, stay) => {
    expect(stayOf(tolerations, taints)).toBe(stay)
  })
})

describe('an eviction', () => {
  it.each<[string, boolean, Stay, Step]>([
    ['is set for later', false, 30, { evictInMs: 30_000 }],
    ['is due', false, 'no', { evictInMs: 0 }],
    ['is due after no time', false, 0, { evictInMs: 0 }],
    ['is not called for', false, 'forever', 'nothing'],
    ['that waits keeps its time', true, 5, 'nothing'],
    ['that waits keeps its time, also when there is none now', true, 0, 'nothing'],
    ['that waits is called off', true, 'forever', 'cancel'],
    ['that waits is called off for one at once', true, 'no', 'cancelAndEvict'],
  ])('%s', (_case, isWaiting, stay, step) => {
    expect(nextStep(isWaiting, stay)).toEqual(step)
  })
})
