import { describe, expect, it } from 'vitest'
import type { Live } from '../../../src-main/api/meta/object.ts'
import type { Pod } from '../../../src-main/api/types/core-v1.ts'
import { podView } from '../../kinds/pods.ts'
import { holdRows, settleRows, sortObjects, visibleRange } from './rows.ts'

function aPod(name: string, phase = 'Running', createdSecond = 0): Live<Pod> {
  const creationTimestamp = `2026-01-01T00:00:${String(createdSecond).padStart(2, '0')}Z`
  return {
    metadata: { name, namespace: 'default', uid: name, resourceVersion: phase, creationTimestamp },
    spec: { containers: [] },
    status: { phase },
  }
}
const names = (rows: readonly { key: string; gone: boolean }[]): string[] =>
  rows.map(({ key, gone }) => `${key.replace('default/', '')}${gone ? ' (gone)' : ''}`)

describe('the order of rows', () => {
  it('counts numbers in names, and turns round', () => {
    const pods = [aPod('web-10'), aPod('web-9'), aPod('api')]
    const sorted = (descending: boolean) =>
      sortObjects(podView, pods, { column: 'Name', descending }, 0).map(({ metadata }) => metadata.name)
    expect(sorted(false)).toEqual(['api', 'web-9', 'web-10'])
    expect(sorted(true)).toEqual(['web-10', 'web-9', 'api'])
  })

  it('puts the youngest first by age', () => {
    const pods = [aPod('old', 'Running', 1), aPod('young', 'Running', 30)]
    const sorted = sortObjects(podView, pods, { column: 'Age', descending: false }, 0)
    expect(sorted.map(({ metadata }) => metadata.name)).toEqual(['young', 'old'])
  })
})

describe('rows under the pointer', () => {
  const shown = settleRows([], [aPod('b'), aPod('c')])

  it('stay where they are: a new one comes last, a deleted one stays as gone', () => {
    expect(names(holdRows(shown, [aPod('a'), aPod('c')]))).toEqual(['b (gone)', 'c', 'a'])
  })

  it('show the newest state', () => {
    const [row] = holdRows(shown, [aPod('b', 'Failed'), aPod('c')])
    expect(row?.object.status?.phase).toBe('Failed')
  })

  it('come alive again when the object does', () => {
    const without = holdRows(shown, [aPod('c')])
    expect(names(holdRows(without, [aPod('b'), aPod('c')]))).toEqual(['b', 'c'])
  })

  it('settle when the pointer has left', () => {
    const held = holdRows(shown, [aPod('a'), aPod('c')])
    expect(names(settleRows(held, [aPod('a'), aPod('c')]))).toEqual(['a', 'c'])
  })

  it('keep the row values that did not change, so that nothing is drawn again', () => {
    const first = shown[0]
    expect(settleRows(shown, [first?.object ?? aPod('b'), aPod('d')])[0]).toBe(first)
  })
})

it.each([
  [2000, 0, 600, { first: 0, end: 28 }],
  [2000, 3000, 600, { first: 92, end: 128 }],
  [5, 0, 600, { first: 0, end: 5 }],
  [5, 9000, 600, { first: 5, end: 5 }],
  [0, 0, 600, { first: 0, end: 0 }],
])('of %i rows, scrolled to %i in %i pixels, only the visible are drawn', (count, top, height, range) => {
  expect(visibleRange(count, top, height, 30)).toEqual(range)
})
