import { describe, expect, it } from 'vitest'
import type { Clock } from '../../lib/clock.ts'
import { seededRandom, type Random } from '../../lib/random.ts'
import { VirtualClock } from '../../lib/virtual-clock.ts'
import { parseFieldSelector } from '../../api/meta/field-selector.ts'
import { parseLabelSelector } from '../../api/meta/label-selector.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { createKindRegistry } from '../registered-kinds.ts'
import { selectionOf } from '../handlers/selection.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { Pace } from '../pace.ts'
import { SharedResources } from '../registry/versions.ts'
import type { WatchItem } from '../request.ts'
import { CachedObject, encodeForStore } from './cached-object.ts'
import { indexedFields } from './indexed-fields.ts'
import { ResourceCache } from './resource-cache.ts'
import type { Selection } from './selection.ts'

/** Time goes on at every look, so that every piece of work is interrupted as often as it can be. */
function hurriedClock(): Clock {
  const clock = new VirtualClock()
  let now = 0
  return Object.assign(Object.create(clock) as Clock, { monotonic: () => (now += 1000) })
}

interface Setup {
  readonly cache: ResourceCache
  put(key: string, labels: Record<string, string>, nodeName?: string): CachedObject
  remove(key: string): void
}

function setup(): Setup {
  let revision = 0
  const cache = new ResourceCache(0, () => revision, indexedFields['core/pods'])
  return {
    cache,
    put(key, labels, nodeName) {
      const [namespace, name] = key.split('/')
      const raw = encodeForStore({
        ...{ kind: 'Pod', apiVersion: 'v1', metadata: { name, namespace, labels } },
        spec: nodeName === undefined ? {} : { nodeName },
      })
      const stored = CachedObject.fromStore(key, ++revision, raw, undefined, 'collectable')
      cache.apply('put', key, stored, 0)
      return stored
    },
    remove(key) {
      const stored = cache.get(key)
      if (stored !== undefined) cache.apply('delete', key, stored.at(++revision), 0)
    },
  }
}

function change({ put, remove }: Setup, random: Random): void {
  const key = `ns-${random.integer(4)}/pod-${random.integer(300)}`
  if (random.next() < 0.25) return remove(key)
  const labels: Record<string, string> = {}
  if (random.next() < 0.8) labels['app'] = `a${random.integer(6)}`
  if (random.next() < 0.5) labels['tier'] = random.next() < 0.9 ? 'back' : ''
  put(key, labels, random.next() < 0.8 ? `n${random.integer(5)}` : undefined)
}

const parts = { shared: new SharedResources(createKindRegistry([podKind]).all()) } as ServerParts

function selectionFor(namespace: string, labels: string, fields: string): Selection {
  const query = new URLSearchParams({ labelSelector: labels, fieldSelector: fields })
  return selectionOf(parts, { kind: podKind, target: { namespace }, request: { query } } as Operation)
}

const labelSelectors = [
  '',
  'app=a1',
  'app in (a1,a2,a1)',
  'app=a1,tier=back',
  'tier=',
  'app!=a1',
  '!app',
  'tier',
  'x=y',
]
const fieldSelectors = [
  '',
  'spec.nodeName=n1',
  'spec.nodeName=',
  'spec.nodeName!=n1',
  'spec.nodeName=n1,spec.nodeName=n2',
  'metadata.name=pod-7',
  'metadata.namespace=ns-1',
  'metadata.name=pod-7,spec.nodeName=n1',
]

/** What a look at every object says, without any of the cache's means. */
function scan(cache: ResourceCache, namespace: string, labels: string, fields: string): string[] {
  const byLabels = parseLabelSelector(labels)
  const byFields = parseFieldSelector(fields)
  return cache
    .list({})
    .filter(({ object }) => {
      const { metadata, spec } = object as { metadata: Record<string, string>; spec: { nodeName?: string } }
      const values: Record<string, string | undefined> = {
        'metadata.name': metadata['name'],
        'metadata.namespace': metadata['namespace'],
        'spec.nodeName': spec.nodeName,
      }
      const isThere = namespace === '' || metadata['namespace'] === namespace
      return isThere && byLabels.matches(object.metadata?.labels) && byFields.matches((path) => values[path])
    })
    .map(({ key }) => key)
}

const keysOf = (objects: readonly CachedObject[]): string[] => objects.map(({ key }) => key)

describe('a selective list', () => {
  it.each([1, 2, 3])('finds by its indexes what a scan finds, whatever changes (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const all = setup()
    const { cache } = all
    for (let step = 0; step < 800; step++) change(all, random)
    const building = cache.buildIndex(new Pace(hurriedClock()))
    // The index is made while objects change.
    while (random.next() < 0.98) {
      change(all, random)
      if (random.next() < 0.2) await new Promise((resolve) => setImmediate(resolve))
    }
    await building
    for (let round = 0; round < 3; round++) {
      for (let step = 0; step < 100; step++) change(all, random)
      for (const namespace of ['', 'ns-1']) {
        for (const labels of labelSelectors) {
          for (const fields of fieldSelectors) {
            const expected = scan(cache, namespace, labels, fields)
            const selection = selectionFor(namespace, labels, fields)
            expect(keysOf(cache.list(selection)), `${namespace} ${labels} ${fields}`).toEqual(expected)
            const after = expected[1] ?? 'ns-1/pod-2'
            expect(keysOf(cache.list(selection, { after, limit: 3 }))).toEqual(
              expected.filter((key) => key > after).slice(0, 3),
            )
          }
        }
      }
    }
  })

  it('decodes none of the objects that the indexes find', async () => {
    const { cache, put } = setup()
    for (let index = 0; index < 300; index++) put(`a/pod-${index}`, { app: `a${index % 10}` }, `n${index % 7}`)
    await cache.buildIndex(new Pace(new VirtualClock()))
    const selection = selectionFor('a', 'app=a3', 'spec.nodeName=n3')
    const refuse = (): never => {
      throw new Error('looked at')
    }
    const found = cache.list({ ...selection, matches: refuse })
    expect(keysOf(found)).toEqual(scan(cache, 'a', 'app=a3', 'spec.nodeName=n3'))
    expect(found.length).toBeGreaterThan(0)
  })
})

describe('a list that takes many turns', () => {
  it('shows the state at its beginning, however much is written meanwhile', async () => {
    const random = seededRandom(5)
    const all = setup()
    for (let step = 0; step < 600; step++) change(all, random)
    const before = all.cache.list({}).map(({ key, revision }) => `${key}@${revision}`)
    let turns = 0
    let done = false
    const listing = Promise.resolve(all.cache.listInTurns({ matches: () => true }, {}, new Pace(hurriedClock())))
    void listing.then(() => (done = true))
    for (; !done; turns++) {
      for (let step = 0; step < 20; step++) change(all, random)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(turns).toBeGreaterThan(3)
    expect((await listing).map(({ key, revision }) => `${key}@${revision}`)).toEqual(before)
  })
})

describe('an event for many watchers', () => {
  it('is one item for all who see it the same way, in the order of what happened', async () => {
    const { cache, put, remove } = setup()
    const watch = (selection: Selection) =>
      cache.watch({ selection, after: 0, bookmarks: false }).events[Symbol.asyncIterator]()
    const [one, other] = [watch({}), watch({})]
    const onlyA = watch({ matches: ({ metadata }) => metadata?.labels?.['app'] === 'a' })
    put('x/p', { app: 'a' })
    put('x/p', { app: 'b' })
    remove('x/p')
    const next = async (events: AsyncIterator<WatchItem>): Promise<WatchItem> => (await events.next()).value
    const types: string[] = []
    for (let event = 0; event < 3; event++) {
      const [item, same] = [await next(one), await next(other)]
      expect(item).toBe(same)
      types.push(`${item.type}@${item.stored.revision}`)
    }
    expect(types).toEqual(['ADDED@1', 'MODIFIED@2', 'DELETED@3'])
    const [added, left] = [await next(onlyA), await next(onlyA)]
    expect([added.type, left.type, left.stored.revision]).toEqual(['ADDED', 'DELETED', 2])
    expect(left.stored.object.metadata?.labels).toEqual({ app: 'a' })
  })

  it('costs a watcher that does not keep up its watch, and no other one anything', async () => {
    const { cache, put } = setup()
    const { watcher: slow } = cache.watch({ selection: {}, after: 0, bookmarks: false })
    const { watcher: quick, events } = cache.watch({ selection: {}, after: 0, bookmarks: false })
    const batches = events.batches?.()
    if (batches === undefined) throw new Error('no batches')
    let seen = 0
    for (let index = 0; index < 5000; index++) {
      put('x/p', { count: String(index) })
      if (index % 50 !== 49) continue
      const { value } = await batches[Symbol.asyncIterator]().next()
      seen += (value as readonly WatchItem[]).length
    }
    expect([seen, quick.closed, slow.closed]).toEqual([5000, false, true])
  })
})
