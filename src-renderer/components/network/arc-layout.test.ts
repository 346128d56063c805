import { describe, expect, it } from 'vitest'
import type { Live } from '../../../src-main/api/meta/object.ts'
import type { Service } from '../../../src-main/api/types/core-v1.ts'
import type { PathEndpoint, ServicePath } from '../../kinds/service-paths.ts'
import { arcMap, mostPods, rowHeight } from './arc-layout.ts'

const aService = (name: string): Live<Service> => ({
  metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' },
  spec: { clusterIP: '10.96.0.9' },
})
const anEndpoint = (pod: string, node = 'worker-1', ready = true): PathEndpoint => ({
  address: `of ${pod}`,
  ready,
  pod,
  node,
})
const paths = (entries: Record<string, PathEndpoint[]>): ReadonlyMap<string, ServicePath> =>
  new Map(Object.entries(entries).map(([name, endpoints]) => [`default/${name}`, { slices: [], endpoints }]))

describe('the map of services', () => {
  it('leads from each service over its pods to their machines', () => {
    const map = arcMap([aService('web')], paths({ web: [anEndpoint('a'), anEndpoint('b', 'worker-2', false)] }), [
      'worker-1',
      'worker-2',
    ])
    expect(map.toPods.map(({ from, to, isReady }) => [from.text, to.text, isReady])).toEqual([
      ['web', 'a', true],
      ['web', 'b', false],
    ])
    expect(map.toMachines.map(({ from, to }) => [from.text, to.text])).toEqual([
      ['a', 'worker-1'],
      ['b', 'worker-2'],
    ])
    expect(map.height).toBe(2 * rowHeight)
  })

  it('draws a pod once that several services select', () => {
    const map = arcMap(
      [aService('web'), aService('web-too')],
      paths({ web: [anEndpoint('a')], 'web-too': [anEndpoint('a')] }),
      ['worker-1'],
    )
    expect(map.pods).toHaveLength(1)
    expect(map.toPods).toHaveLength(2)
    expect(map.toMachines[0]?.services).toEqual(['services/default/web', 'services/default/web-too'])
  })

  it('puts services that nobody answers for last, and draws them all the same', () => {
    const map = arcMap([aService('alone'), aService('web')], paths({ web: [anEndpoint('a')] }), ['worker-1'])
    expect(map.services.map(({ text, state }) => [text, state])).toEqual([
      ['web', 'running'],
      ['alone', 'unknown'],
    ])
  })

  it('counts what finds no room', () => {
    const many = Array.from({ length: mostPods + 7 }, (_, index) => anEndpoint(`p${index}`))
    expect(arcMap([aService('web')], paths({ web: many }), ['worker-1']).more).toBe(7)
  })
})
