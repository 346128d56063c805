import { describe, expect, it } from 'vitest'
import type { Span } from '../../src-main/api/types/glass-v1.ts'
import { birthOf, chartOf, parseMicroTime, ticks } from './timeline.ts'

const span = (name: string, component: string, start: string, durationMicroseconds: number, error?: string): Span => ({
  ...{ name, component, durationMicroseconds },
  start: `2026-01-01T00:00:${start}Z`,
  ...(error === undefined ? {} : { error }),
})

describe('the timeline of a birth', () => {
  it('keeps microseconds', () => {
    const at = parseMicroTime('2026-01-01T00:00:00.000250Z') - parseMicroTime('2026-01-01T00:00:00.000000Z')
    expect(at).toBeCloseTo(0.25, 3)
  })

  it('groups by component in the order of their first step, and sums up', () => {
    const chart = chartOf({
      spans: [
        span('sandbox', 'kubelet', '00.100000', 400_000),
        span('create', 'apiserver', '00.000000', 2_000),
        span('bind', 'scheduler', '00.010000', 5_000, 'conflict'),
        span('status', 'apiserver', '00.600000', 1_000),
      ],
    })
    expect(chart.components).toEqual(['apiserver', 'scheduler', 'kubelet'])
    expect(chart.bars.map(({ name }) => name)).toEqual(['create', 'status', 'bind', 'sandbox'])
    expect(chart.totalMs).toBeCloseTo(601, 0)
    expect(chart.errors).toBe(1)
  })

  it('puts the parts of a step under it and says each name once', () => {
    const facts = { verb: 'create', user: 'system:kube-scheduler', subresource: 'binding' }
    const { bars } = chartOf({
      spans: [
        { ...span('apiserver.commit', 'apiserver', '00.001000', 2_000), facts },
        { ...span('apiserver.request', 'apiserver', '00.001000', 9_000), facts },
        { ...span('apiserver.request', 'apiserver', '00.020000', 1_000), facts: { user: 'system:node:worker-3' } },
      ],
    })
    expect(bars.map(({ name, depth, detail }) => [depth, name, detail])).toEqual([
      [0, 'request', 'create binding kube-scheduler'],
      [1, 'commit', ''],
      [0, 'request', 'worker-3'],
    ])
  })

  it('has nothing to draw without spans', () => {
    expect(chartOf({ spans: [] })).toMatchObject({ bars: [], totalMs: 0 })
  })

  it('ends when the pod has been quiet', () => {
    const spans = [
      span('a', 'x', '00.000000', 1000),
      span('b', 'x', '02.000000', 1000),
      span('late', 'x', '55.000000', 1),
    ]
    expect(birthOf(spans).map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it.each([
    [601, [0, 100, 200, 300, 400, 500, 600]],
    [2.5, [0, 0.5, 1, 1.5, 2, 2.5]],
    [0, [0]],
  ])('marks an axis of %d ms at round places', (total, places) => {
    expect(ticks(total)).toEqual(places)
  })
})
