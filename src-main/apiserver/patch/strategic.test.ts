import { describe, expect, it } from 'vitest'
import { schemaOf } from '../../api/schema/schema.ts'
import { applyStrategicPatch } from './strategic.ts'

const podSchema = schemaOf({ group: '', version: 'v1', kind: 'Pod' })!
const deploymentSchema = schemaOf({ group: 'apps', version: 'v1', kind: 'Deployment' })!
const containers = (...list: object[]) => ({ spec: { containers: list } })

describe('a strategic merge patch', () => {
  it.each<[string, object, object, object]>([
    [
      'merges containers by name',
      containers({ name: 'a', image: 'x:1' }, { name: 'b', image: 'y:1' }),
      containers({ name: 'a', image: 'x:2' }),
      containers({ name: 'a', image: 'x:2' }, { name: 'b', image: 'y:1' }),
    ],
    [
      'adds an item with a new key before those that it does not name',
      containers({ name: 'a' }),
      containers({ name: 'b' }),
      containers({ name: 'b' }, { name: 'a' }),
    ],
    [
      'puts the items that it names in its order, and the others near to where they were',
      containers({ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }),
      containers({ name: 'd', image: 'x' }, { name: 'b', image: 'y' }),
      containers({ name: 'a' }, { name: 'c' }, { name: 'd', image: 'x' }, { name: 'b', image: 'y' }),
    ],
    [
      'adds an item as it is, but for directives',
      containers({ name: 'a' }),
      containers({ name: 'b', env: [{ name: 'A', $patch: 'delete' }], '$setElementOrder/env': [] }),
      containers({ name: 'b', env: [{ name: 'A' }] }, { name: 'a' }),
    ],
    [
      'adds no part that is marked where there was nothing',
      {},
      {
        spec: {
          containers: [{ $patch: 'replace' }, { name: 'b', $patch: 'delete' }, { name: 'c' }],
          securityContext: { $patch: 'replace', runAsUser: 1 },
        },
      },
      containers({ name: 'c' }),
    ],
    [
      'deletes an item',
      containers({ name: 'a' }, { name: 'b' }),
      containers({ name: 'a', $patch: 'delete' }),
      containers({ name: 'b' }),
    ],
    [
      'deletes every item of a key, and adds it anew',
      containers({ name: 'a', image: 'x:1' }, { name: 'b' }, { name: 'a', image: 'x:2' }),
      containers({ name: 'a', $patch: 'delete' }, { name: 'a', image: 'x:3' }),
      containers({ name: 'a', image: 'x:3' }, { name: 'b' }),
    ],
    [
      'replaces a whole list',
      containers({ name: 'a' }, { name: 'b' }),
      containers({ $patch: 'replace' }, { name: 'c' }),
      containers({ name: 'c' }),
    ],
    [
      'merges lists inside items of lists',
      containers({
        name: 'a',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      }),
      containers({ name: 'a', env: [{ name: 'B', value: '3' }] }),
      containers({
        name: 'a',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '3' },
        ],
      }),
    ],
    [
      'replaces a list without a merge strategy',
      containers({ name: 'a', command: ['x', 'y'] }),
      containers({ name: 'a', command: ['z'] }),
      containers({ name: 'a', command: ['z'] }),
    ],
    [
      'removes a field by null',
      { spec: { nodeName: 'n', hostname: 'h' } },
      { spec: { nodeName: null } },
      { spec: { hostname: 'h' } },
    ],
    [
      'leaves no null in what it adds',
      {},
      { metadata: { labels: { a: 'b', c: null } } },
      { metadata: { labels: { a: 'b' } } },
    ],
    [
      'replaces an object',
      { metadata: { labels: { a: 'b' } } },
      { metadata: { labels: { $patch: 'replace', c: 'd' } } },
      { metadata: { labels: { c: 'd' } } },
    ],
    [
      'merges a list of primitives and deletes from it',
      { metadata: { finalizers: ['a', 'b'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] } },
      { metadata: { finalizers: ['c', 'b'] } },
    ],
    [
      'orders items as it says and leaves the others where they are',
      containers({ name: 'sidecar' }, { name: 'a' }, { name: 'b' }),
      {
        spec: {
          '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
          containers: [{ name: 'b', image: 'x' }],
        },
      },
      containers({ name: 'sidecar' }, { name: 'b', image: 'x' }, { name: 'a' }),
    ],
    [
      'keeps only the fields that $retainKeys names',
      { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
      { spec: { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] } },
      { spec: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] } },
    ],
  ])('%s', (_what, target, patch, result) => {
    const before = structuredClone(target)
    expect(applyStrategicPatch(target as never, patch as never, podSchema)).toEqual(result)
    expect(target).toEqual(before)
  })

  it('switches the strategy of a deployment with $retainKeys', () => {
    const target = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }
    expect(applyStrategicPatch(target, patch, deploymentSchema)).toEqual({ spec: { strategy: { type: 'Recreate' } } })
  })

  it.each<[string, object, string]>([
    ['an unknown directive', { $patch: 'explode' }, 'unknown patch type: explode in map: map[$patch:explode]'],
    [
      'to merge where it merges',
      containers({ name: 'a', $patch: 'merge' }),
      'merging lists cannot yet be specified in the patch',
    ],
    [
      'an item without its key',
      containers({ image: 'x' }),
      'map: map[image:x] does not contain declared merge key: name',
    ],
    [
      'items of several sorts',
      containers({ name: 'x' }, 'y' as never),
      'list element types are not identical: map[string]interface {} string',
    ],
    [
      'an order of what it removes',
      { spec: { '$setElementOrder/containers': [{ name: 'a' }], containers: null } },
      'expected a []interface {}, but received a %!s(<nil>)',
    ],
    [
      'a field that $retainKeys does not name',
      { spec: { $retainKeys: ['nodeName'], hostname: 'h' } },
      'invalid patch format of retainKeys',
    ],
    [
      'an order that leaves out what the patch has',
      { spec: { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b' }] } },
      "the order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]",
    ],
  ])('refuses %s', (_what, patch, message) => {
    expect(() => applyStrategicPatch({ spec: { containers: [] } }, patch as never, podSchema)).toThrow(
      expect.objectContaining({ code: 'Malformed', message }),
    )
  })
})
