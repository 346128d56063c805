import { describe, expect, it } from 'vitest'
import { configMap } from '../api/kinds/core/config-map.ts'
import { forbiddenRequest } from '../api/errors.ts'
import { createLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { settle, VirtualClock } from '../lib/virtual-clock.ts'
import { FakeCollection, unreachable } from '../../test/support/fake-collection.ts'
import { createInformers } from './informers.ts'
import { createClient } from './resource-client.ts'

function setup() {
  const clock = new VirtualClock()
  const server = new FakeCollection()
  const lines: string[] = []
  const levels: string[] = []
  const log = createLog(
    'test',
    () => clock.now(),
    ({ message, level }) => {
      lines.push(message)
      levels.push(level)
    },
  )
  const informers = createInformers(createClient(server), { clock, random: seededRandom(1), log })
  const informer = informers.of(configMap)
  const seen: string[] = []
  informer.on({
    added: ({ metadata }) => seen.push(`+${metadata.name}`),
    updated: (previous, { metadata, data }) => seen.push(`~${metadata.name} ${previous.data?.['x']}→${data?.['x']}`),
    deleted: ({ metadata }) => seen.push(`-${metadata.name}`),
  })
  const lists = (): number => server.requests.filter(({ query }) => query?.['watch'] === undefined).length
  return { clock, server, lines, levels, informers, informer, seen, lists }
}

describe('an informer', () => {
  it('lists, then follows', async () => {
    const { server, informers, informer, seen } = setup()
    server.put('a', { data: { x: '1' } })
    expect(informer.hasSynced).toBe(false)
    const running = informers.start()
    await informers.synced()
    expect(informer.hasSynced).toBe(true)
    await settle()
    server.put('b')
    server.put('a', { data: { x: '2' } })
    server.remove('b')
    await settle()
    expect(seen).toEqual(['+a', '+b', '~a 1→2', '-b'])
    expect(informer.lister.list().map(({ metadata }) => metadata.name)).toEqual(['a'])
    await running.dispose()
  })

  it('is shared by all who ask for the same kind and scope', () => {
    const { informers, informer } = setup()
    expect(informers.of(configMap)).toBe(informer)
    expect(informers.of(configMap, { namespace: 'one' })).not.toBe(informer)
  })

  it('tells a late handler what is there already, at once', async () => {
    const { server, informers, informer } = setup()
    server.put('a')
    const running = informers.start()
    await informers.synced()
    const names: string[] = []
    informer.on({ added: ({ metadata }) => names.push(metadata.name) })
    expect(names).toEqual(['a'])
    await running.dispose()
  })

  it('reads long lists in pages', async () => {
    const { server, informers, informer, lists } = setup()
    for (let number = 0; number < 2100; number++) server.put(`m${number}`)
    const running = informers.start()
    await informers.synced()
    expect(informer.lister.size).toBe(2100)
    expect(lists()).toBe(3)
    await running.dispose()
  })

  it('resumes where it stood when the server ends the watch, bookmarks included', async () => {
    const { clock, server, informers, seen, lists } = setup()
    const running = informers.start()
    await settle()
    server.put('a')
    server.bookmark()
    await settle()
    server.endWatches()
    server.put('b')
    await clock.advance(1000)
    expect(seen).toEqual(['+a', '+b'])
    expect(lists()).toBe(1)
    expect(server.requests.at(-1)?.query?.['resourceVersion']).toBe('102')
    await running.dispose()
  })

  it('lists again when history is gone, and tells the difference', async () => {
    const { clock, server, informers, informer, seen, lists } = setup()
    for (const name of ['kept', 'changed', 'deleted', 'replaced']) server.put(name, { data: { x: '1' } })
    const running = informers.start()
    await settle()
    seen.length = 0
    server.endWatches()
    server.put('changed', { data: { x: '2' } })
    server.remove('deleted')
    server.remove('replaced')
    server.put('replaced', { data: { x: '3' } })
    server.put('new')
    server.forgetHistory()
    await clock.advance(5000)
    expect(seen.toSorted()).toEqual(['+new', '+replaced', '-deleted', '-replaced', '~changed 1→2'])
    expect(seen.indexOf('-replaced')).toBeLessThan(seen.indexOf('+replaced'))
    expect(informer.lister.size).toBe(4)
    expect(lists()).toBe(2)
    await running.dispose()
  })

  it('tries again with growing delays while the server is away, and says so', async () => {
    const { clock, server, lines, informers, informer } = setup()
    server.put('a')
    for (let number = 0; number < 6; number++) server.failures.push(unreachable())
    const running = informers.start()
    await clock.advance(300)
    expect(server.requests.length).toBeLessThan(4)
    expect(informer.hasSynced).toBe(false)
    await clock.advance(20_000)
    expect(informer.hasSynced).toBe(true)
    expect(lines).toHaveLength(6)
    expect(lines[0]).toMatch(/configmaps.*the server is away/)
    await running.dispose()
  })

  it('is loud about a missing right, which does not come by waiting', async () => {
    const { clock, server, levels, informers } = setup()
    const forbidden = forbiddenRequest({ group: '', plural: 'configmaps' }, '', 'no right')
    server.failures.push(unreachable(), forbidden)
    const running = informers.start()
    await clock.advance(1000)
    expect(levels).toEqual(['warn', 'error'])
    await running.dispose()
  })

  it('tells since when its cache is old, and when it is live again', async () => {
    const { clock, server, informers, informer } = setup()
    const states: string[] = []
    informer.onState(({ type }) => states.push(type))
    server.failures.push(unreachable())
    const running = informers.start()
    await settle()
    expect(informer.state).toMatchObject({ type: 'interrupted', sinceUnixMs: clock.now() })
    await clock.advance(60_000)
    expect(informer.state).toEqual({ type: 'live' })
    expect(new Set(states)).toEqual(new Set(['interrupted', 'live']))
    await running.dispose()
  })

  it('does not spin on a server that ends every watch at once', async () => {
    const { clock, server, informers } = setup()
    const running = informers.start()
    for (let round = 0; round < 100; round++) {
      await clock.advance(100)
      server.endWatches()
    }
    expect(server.requests.length).toBeLessThan(15)
    await running.dispose()
  })

  it('goes on when a handler throws', async () => {
    const { server, lines, informers, informer, seen } = setup()
    informer.on({
      added: () => {
        throw new Error('no good')
      },
    })
    const running = informers.start()
    await settle()
    server.put('a')
    server.put('b')
    await settle()
    expect(seen).toEqual(['+a', '+b'])
    expect(lines).toEqual(['a handler of configmaps failed: no good', 'a handler of configmaps failed: no good'])
    await running.dispose()
  })

  it('stops: no more events, no open watch, and whoever waits for the first list is told', async () => {
    const { server, informers, informer, seen } = setup()
    const running = informers.start()
    await settle()
    await running.dispose()
    server.put('a')
    await settle()
    expect(seen).toEqual([])
    const abort = new AbortController()
    const waiting = informers.of(configMap, { namespace: 'other' }).synced(abort.signal)
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(informer.hasSynced).toBe(true)
  })
})

describe('a lister', () => {
  it('finds by namespace, labels and index, also after changes', async () => {
    const { server, informers, informer } = setup()
    informer.addIndex('byColour', ({ data }) => (data?.['colour'] === undefined ? [] : [data['colour']]))
    server.put('a', { data: { colour: 'red' }, metadata: { labels: { app: 'web' } } }, 'one')
    server.put('b', { data: { colour: 'red' } }, 'two')
    const running = informers.start()
    await settle()
    const { lister } = informer
    const names = (objects: { metadata: { name: string } }[]): string[] => objects.map(({ metadata }) => metadata.name)
    expect(names(lister.list('one'))).toEqual(['a'])
    expect(names(lister.list(undefined, (labels) => labels['app'] === 'web'))).toEqual(['a'])
    expect(names(lister.byIndex('byColour', 'red'))).toEqual(['a', 'b'])
    server.put('a', { data: { colour: 'blue' } }, 'one')
    server.remove('b', 'two')
    await settle()
    expect(names(lister.byIndex('byColour', 'red'))).toEqual([])
    expect(names(lister.byIndex('byColour', 'blue'))).toEqual(['a'])
    expect(lister.get('one', 'a')).toBe(lister.byKey('one/a'))
    expect(lister.list('two')).toEqual([])
    informer.addIndex('byName', ({ metadata }) => [metadata.name])
    expect(names(lister.byIndex('byName', 'a'))).toEqual(['a'])
    expect(() => lister.byIndex('none', 'x')).toThrow(/no index named none/)
    await running.dispose()
  })
})
