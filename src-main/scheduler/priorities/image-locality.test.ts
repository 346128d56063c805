import { describe, expect, it } from 'vitest'
import { aCache, aNode, aPod, type PodOptions } from '../test-objects.ts'
import { imageLocality } from './image-locality.ts'

const megabyte = 1024 * 1024
const images = { 'web:1': 500 * megabyte, 'model:latest': 1000 * megabyte }
const snapshot = aCache([aNode('has', { images }), aNode('lacks')]).snapshot()

function scores(options: PodOptions): Record<string, number | undefined> {
  const prepared = imageLocality.prepare(aPod('p', options), snapshot, snapshot.nodes)
  return Object.fromEntries(snapshot.nodes.map((info) => [info.name, prepared?.score(info)]))
}

const main = { name: 'main', image: 'web:1' }
const other = { name: 'main', image: 'other:1' }
const model = { name: 'model', image: { reference: 'model' } }

describe('scores by images that a node has', () => {
  it.each<[string, PodOptions, number]>([
    // Half of the nodes have each image, so half of its size counts: 100 × (250 − 23) / (1000 − 23).
    ['of a container', { containers: [main] }, 23],
    ['of an init container too', { initContainers: [main], containers: [main] }, 24],
    ['of a volume too', { containers: [other], volumes: [model] }, 24],
    ['of a container and a volume together', { containers: [main], volumes: [model] }, 36],
    ['not of other volumes', { containers: [main], volumes: [{ name: 'scratch', emptyDir: {} }] }, 23],
  ])('%s', (_what, options, expected) => {
    expect(scores(options)).toEqual({ has: expected, lacks: 0 })
  })

  it('say nothing when no node has any of them', () => {
    expect(scores({ containers: [other] })).toEqual({ has: undefined, lacks: undefined })
  })
})
