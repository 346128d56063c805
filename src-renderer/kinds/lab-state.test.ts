import { describe, expect, it } from 'vitest'
import type { Machine } from '../../src-main/api/types/lab-v1.ts'
import { formatMs, labStage, stepMs } from './lab-state.ts'

const machine = (phase?: string): Machine => (phase === undefined ? {} : { status: { phase } })
const lab = (power: string, phase?: string) => ({
  spec: { provider: 'simulated', workers: 2, power },
  ...(phase === undefined ? {} : { status: { phase } }),
})

describe("what the lab's page shows", () => {
  it.each([
    ['off', lab('Off'), []],
    ['off', lab('Off', 'Off'), [machine('Stopped')]],
    ['stopping', lab('Off', 'Off'), [machine('Stopped'), machine('Ready')]],
    ['starting', lab('On'), []],
    ['starting', lab('On', 'Starting'), [machine('Preparing')]],
    ['starting', lab('On', 'Failed'), [machine('Failed')]],
    ['ready', lab('On', 'Ready'), [machine('Ready')]],
    ['ready', lab('On', 'Degraded'), [machine('Ready'), machine('Lost')]],
  ] as const)('is %s', (stage, object, machines) => {
    expect(labStage(object, machines)).toBe(stage)
  })

  it('lets the time of a step run until the step is done', () => {
    const startedAt = '2026-01-01T00:00:00.000000Z'
    expect(stepMs({ name: 'Boot', state: 'Running', startedAt }, Date.parse('2026-01-01T00:00:03Z'))).toBe(3000)
    const done = { name: 'Boot', state: 'Done', startedAt, finishedAt: '2026-01-01T00:00:01.500000Z' }
    expect(stepMs(done, Date.parse('2026-01-01T01:00:00Z'))).toBe(1500)
  })

  it.each([
    [0.25, '0.25 ms'],
    [340, '340 ms'],
    [2440, '2.4 s'],
    [65_000, '1 min 05 s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text)
  })
})
