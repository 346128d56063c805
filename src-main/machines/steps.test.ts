import { describe, expect, it } from 'vitest'
import { beginStep, endStep, failStep } from './steps.ts'

const start = Date.UTC(2026, 0, 1)

describe('the steps of a worker', () => {
  const two = beginStep(beginStep([], 'Boot', start), 'Connect by SSH', start + 250)

  it('end when the next begins', () => {
    expect(two).toEqual([
      {
        name: 'Boot',
        state: 'Done',
        startedAt: '2026-01-01T00:00:00.000000Z',
        finishedAt: '2026-01-01T00:00:00.250000Z',
      },
      { name: 'Connect by SSH', state: 'Running', startedAt: '2026-01-01T00:00:00.250000Z' },
    ])
  })

  it('end with the whole', () => {
    expect(endStep(two, start + 500).map(({ state }) => state)).toEqual(['Done', 'Done'])
  })

  it('say why they failed, and leave the others as they were', () => {
    expect(failStep(two, start + 500, 'no answer')).toEqual([
      two[0],
      { ...two[1], state: 'Failed', finishedAt: '2026-01-01T00:00:00.500000Z', message: 'no answer' },
    ])
  })
})
