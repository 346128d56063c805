import { describe, expect, it } from 'vitest'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Pod } from '../../src-main/api/types/core-v1.ts'
import { filterObjects, statesOf } from './filter.ts'
import { podView } from './pods.ts'

function aPod(name: string, namespace: string, phase = 'Running', nodeName = 'worker-1'): Live<Pod> {
  return {
    metadata: { name, namespace, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [], nodeName },
    status: { phase },
  }
}

const pods = [aPod('web-1', 'shop'), aPod('web-2', 'default', 'Pending', 'worker-2'), aPod('api', 'shop')]

describe('the filters of a list', () => {
  it.each([
    [{}, ['web-1', 'web-2', 'api']],
    [{ namespace: 'shop' }, ['web-1', 'api']],
    [{ text: 'WEB' }, ['web-1', 'web-2']],
    [{ text: 'web worker-2' }, ['web-2']],
    [{ state: 'Pending' }, ['web-2']],
    [{ namespace: 'shop', state: 'Pending' }, []],
  ])('let %j pass', (filter, names) => {
    expect(filterObjects(podView, pods, filter).map(({ metadata }) => metadata.name)).toEqual(names)
  })

  it('offer the states that there are, the most frequent first', () => {
    expect(statesOf(podView, pods)).toEqual([
      { text: 'Running', count: 2 },
      { text: 'Pending', count: 1 },
    ])
  })
})
