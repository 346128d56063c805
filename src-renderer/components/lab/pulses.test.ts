import { describe, expect, it } from 'vitest'
import type { Live } from '../../../src-main/api/meta/object.ts'
import type { Pod } from '../../../src-main/api/types/core-v1.ts'
import { sourceOfPodChange } from './pulses.ts'

const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r' }]

function aPod(node?: string, phase = 'Pending', meta: Pod['metadata'] = {}): Live<Pod> {
  return {
    metadata: { name: 'web', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...meta },
    spec: { containers: [], ...(node === undefined ? {} : { nodeName: node }) },
    status: { phase },
  }
}

describe('the line that a change of a pod took', () => {
  it.each([
    ['made by a controller', { next: aPod(undefined, 'Pending', { ownerReferences }) }, { part: 'controllers' }],
    ['made by a person', { next: aPod() }, undefined],
    ['bound', { previous: aPod(), next: aPod('one') }, { part: 'scheduler' }],
    ['reported', { previous: aPod('one'), next: aPod('one', 'Running') }, { machine: 'one' }],
    ['taken away', { previous: aPod('one', 'Running') }, { machine: 'one' }],
    ['taken away before it had a node', { previous: aPod() }, undefined],
    ['labelled', { previous: aPod('one'), next: aPod('one', 'Pending', { labels: { a: 'b' } }) }, undefined],
  ])('is right when it is %s', (_, change, source) => {
    expect(sourceOfPodChange(change)).toEqual(source)
  })
})
