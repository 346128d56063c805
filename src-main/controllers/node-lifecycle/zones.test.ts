import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { Node } from '../../api/types/core-v1.ts'
import { ago } from '../test-objects.ts'
import { pauseBetween, zoneOf, ZonePace } from './zones.ts'

const nodes = (zone: string, ready: number, down: number): Live<Node>[] =>
  Array.from({ length: ready + down }, (_, index) => ({
    metadata: {
      ...{ name: `${zone}-${index}`, uid: 'u', resourceVersion: '1', creationTimestamp: ago(9) },
      labels: { 'topology.kubernetes.io/zone': zone },
    },
    status: { conditions: [{ type: 'Ready', status: index < ready ? 'True' : 'Unknown' }] },
  }))

describe('how fast nodes are given up', () => {
  it.each<[string, Live<Node>[], number | undefined]>([
    ['one of many is down', nodes('a', 9, 1), 10_000],
    ['one of two is down', nodes('a', 1, 1), 10_000],
    ['everything is down', [...nodes('a', 0, 3), ...nodes('b', 0, 3)], undefined],
    ['the zone is down, and others are not', [...nodes('a', 0, 3), ...nodes('b', 3, 0)], 10_000],
    ['most of a small zone is down', nodes('a', 2, 3), undefined],
    ['most of a large zone is down', nodes('a', 20, 40), 100_000],
  ])('when %s', (_when, all, expected) => {
    expect(pauseBetween(all, ':a')).toBe(expected)
  })

  it('is a matter of region and zone', () => {
    expect(zoneOf(nodes('a', 1, 0)[0]!)).toBe(':a')
    expect(zoneOf({})).toBe(':')
  })

  it('is one after the other in a zone, and apart from other zones', () => {
    const pace = new ZonePace()
    expect(pace.waitMs('one', 'a', 10_000, 0)).toBe(0)
    expect(pace.waitMs('two', 'a', 10_000, 4000)).toBe(6000)
    expect(pace.waitMs('three', 'b', 10_000, 4000)).toBe(0)
    expect(pace.waitMs('two', 'a', 10_000, 10_000)).toBe(0)
    expect(pace.waitMs('four', 'a', undefined, 99_000)).toBeUndefined()
    // Whoever was given up stays so, however bad it gets.
    expect(pace.waitMs('one', 'a', undefined, 99_000)).toBe(0)
    pace.forget('one')
    expect(pace.waitMs('one', 'a', undefined, 99_000)).toBeUndefined()
  })
})
