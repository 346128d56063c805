/** What every store driver must do. Run by store.test.ts for each of them. */
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src-main/lib/random.ts'
import { settle } from '../../src-main/lib/virtual-clock.ts'
import { until } from '../support/until.ts'
import {
  StoreError,
  type ListOptions,
  type Operation,
  type Store,
  type StoreErrorCode,
  type StoreEvent,
} from '../../src-main/store/store.ts'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value)

export const put = (key: string, value: string, expected?: number): Operation => ({
  type: 'put',
  key,
  value: bytes(value),
  ...(expected === undefined ? {} : { expected }),
})
export const remove = (key: string, expected?: number): Operation => ({
  type: 'delete',
  key,
  ...(expected === undefined ? {} : { expected }),
})

export async function codeOf(attempt: Promise<unknown>): Promise<StoreErrorCode | 'fulfilled'> {
  return attempt.then(
    () => 'fulfilled',
    (error: unknown) => {
      if (error instanceof StoreError) return error.code
      throw error
    },
  )
}

export interface Recording {
  readonly after: number
  readonly events: StoreEvent[]
  readonly batches: (readonly StoreEvent[])[]
  error: StoreError | undefined
  stop(): void
  /** One line an event: `put /a@3=x`. */
  lines(): string[]
}

export function record(store: Store, prefix: string, after: number): Recording {
  const recording: Recording = {
    after,
    events: [],
    batches: [],
    error: undefined,
    stop: () => undefined,
    lines: () =>
      recording.events.map(({ type, key, revision, entry }) =>
        type === 'put' ? `put ${key}@${revision}=${text(entry.value)}` : `delete ${key}@${revision}`,
      ),
  }
  const watch = store.watch(
    { prefix, after },
    {
      events(batch) {
        recording.batches.push(batch)
        recording.events.push(...batch)
      },
      failed(error) {
        recording.error = error
      },
    },
  )
  recording.stop = () => void watch.dispose()
  return recording
}

/** Waits until each recording has the newest commit, or has failed. */
async function caughtUp(store: Store, ...recordings: readonly Recording[]): Promise<void> {
  const { revision } = store
  const isThere = ({ after, error, events }: Recording): boolean =>
    error !== undefined || (events.at(-1)?.revision ?? after) >= revision
  await until('the replay', async () => recordings.every(isThere), 10_000, 1)
}

async function keysOf(store: Store, options: Partial<ListOptions> = {}): Promise<string[]> {
  const { entries } = await store.list({ prefix: '/', ...options })
  return entries.map(({ key, value }) => `${key}=${text(value)}`)
}

/** `open` makes a new, empty store. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  const check = (title: string, run: (store: Store) => Promise<void>): void =>
    it(title, async () => {
      const store = await open()
      try {
        await run(store)
      } finally {
        await store.dispose()
      }
    })

  describe(`${name}: commits`, () => {
    check('starts empty at revision 0', async (store) => {
      expect(store.revision).toBe(0)
      expect(await store.list({ prefix: '' })).toEqual({ entries: [], revision: 0, more: false })
      expect(await store.get('/a')).toBeUndefined()
    })

    check('gives each commit the next revision, and entries their create and mod revision', async (store) => {
      const first = await store.commit([put('/a', '1')])
      const second = await store.commit([put('/a', '2')])
      expect(second.revision).toBeGreaterThan(first.revision)
      expect(store.revision).toBe(second.revision)
      expect(await store.get('/a')).toEqual({
        key: '/a',
        value: bytes('2'),
        createRevision: first.revision,
        modRevision: second.revision,
      })
    })

    check('gives a key that is created again a new create revision', async (store) => {
      await store.commit([put('/a', '1')])
      await store.commit([remove('/a')])
      const { revision } = await store.commit([put('/a', '2', 0)])
      expect(await store.get('/a')).toMatchObject({ createRevision: revision, modRevision: revision })
    })

    check('refuses a create of what exists, and names what stands there', async (store) => {
      const { revision } = await store.commit([put('/a', '1')])
      const error = await store.commit([put('/a', '2', 0)]).catch((caught: unknown) => caught)
      expect(error).toMatchObject({
        code: 'Conflict',
        conflict: { key: '/a', current: { modRevision: revision, value: bytes('1') } },
      })
      expect(store.revision).toBe(revision)
    })

    check('refuses an update or a delete of another revision than the expected one', async (store) => {
      const { revision } = await store.commit([put('/a', '1')])
      await store.commit([put('/a', '2', revision)])
      expect(await codeOf(store.commit([put('/a', '3', revision)]))).toBe('Conflict')
      expect(await codeOf(store.commit([remove('/a', revision)]))).toBe('Conflict')
      expect(await codeOf(store.commit([remove('/gone', revision)]))).toBe('Conflict')
      expect(text((await store.get('/a'))?.value)).toBe('2')
    })

    check('writes several keys in one revision, or none of them', async (store) => {
      const { revision } = await store.commit([put('/a', '1', 0), put('/b', '1', 0)])
      expect((await store.get('/a'))?.modRevision).toBe(revision)
      expect((await store.get('/b'))?.modRevision).toBe(revision)
      expect(await codeOf(store.commit([put('/a', '2'), remove('/b'), put('/c', '2', 99)]))).toBe('Conflict')
      expect(await keysOf(store)).toEqual(['/a=1', '/b=1'])
    })

    check('makes no revision for what changes nothing', async (store) => {
      const { revision } = await store.commit([put('/a', '1')])
      expect(await store.commit([remove('/none')])).toEqual({ revision })
      expect(await store.commit([])).toEqual({ revision })
      expect(store.revision).toBe(revision)
    })

    check('refuses a commit that names a key twice', async (store) => {
      await expect(store.commit([put('/a', '1'), remove('/a')])).rejects.toThrow(RangeError)
    })

    check('lets exactly one of many concurrent creates win, and fails only the others', async (store) => {
      const attempts = Array.from({ length: 20 }, (_, number) => store.commit([put('/one', String(number), 0)]))
      const others = Array.from({ length: 20 }, (_, number) => store.commit([put(`/other/${number}`, 'x', 0)]))
      const codes = await Promise.all(attempts.map(codeOf))
      expect(codes.filter((code) => code === 'fulfilled')).toHaveLength(1)
      expect(codes.filter((code) => code === 'Conflict')).toHaveLength(19)
      const revisions = (await Promise.all(others)).map(({ revision }) => revision)
      expect(new Set(revisions).size).toBe(20)
    })

    check('counts exactly under concurrent compare-and-set', async (store) => {
      await store.commit([put('/count', '0')])
      const increment = async (): Promise<void> => {
        for (;;) {
          const entry = await store.get('/count')
          const next = String(Number(text(entry?.value)) + 1)
          if ((await codeOf(store.commit([put('/count', next, entry?.modRevision ?? 0)]))) === 'fulfilled') return
        }
      }
      await Promise.all(Array.from({ length: 12 }, increment))
      expect(text((await store.get('/count'))?.value)).toBe('12')
    })

    check('keeps bytes as they are, also none at all', async (store) => {
      const value = Uint8Array.from({ length: 70_000 }, (_, place) => place % 256)
      await store.commit([
        { type: 'put', key: '/long', value },
        { type: 'put', key: '/empty', value: new Uint8Array(0) },
      ])
      expect((await store.get('/long'))?.value).toEqual(value)
      expect((await store.get('/empty'))?.value).toEqual(new Uint8Array(0))
    })
  })

  describe(`${name}: lists`, () => {
    check('lists by prefix, in the order of the keys', async (store) => {
      for (const key of ['/b/2', '/a/1', '/b/10', '/b', '/c/1', '/b/1']) await store.commit([put(key, 'x')])
      const { entries, revision, more } = await store.list({ prefix: '/b/' })
      expect(entries.map(({ key }) => key)).toEqual(['/b/1', '/b/10', '/b/2'])
      expect({ revision, more }).toEqual({ revision: store.revision, more: false })
    })

    check('orders keys by UTF-16 code unit, whatever they hold', async (store) => {
      const keys = ['/\u{1f600}', '/\uffff', '/\ud7ff', '/\ue000', '/a', '/\ud7ffa', '/z', '/\u{1f600}b', '/é']
      for (const key of keys) await store.commit([put(key, 'x')])
      const { revision } = store
      await store.commit([put('/last', 'x')])
      const read = async (options: Partial<ListOptions>): Promise<string[]> =>
        (await store.list({ prefix: '/', ...options })).entries.map(({ key }) => key)
      expect(await read({})).toEqual([...keys, '/last'].sort())
      expect(await read({ revision })).toEqual([...keys].sort())
      expect(await read({ prefix: '/\u{1f600}', revision })).toEqual(['/\u{1f600}', '/\u{1f600}b'])
    })

    check('pages by limit and key', async (store) => {
      await store.commit(['1', '2', '3', '4', '5'].map((number) => put(`/${number}`, 'x')))
      const first = await store.list({ prefix: '/', limit: 2 })
      expect(first).toMatchObject({ more: true, entries: [{ key: '/1' }, { key: '/2' }] })
      const second = await store.list({ prefix: '/', limit: 2, after: '/2' })
      expect(second).toMatchObject({ more: true, entries: [{ key: '/3' }, { key: '/4' }] })
      const third = await store.list({ prefix: '/', limit: 2, after: '/4' })
      expect(third).toMatchObject({ more: false, entries: [{ key: '/5' }] })
    })

    check('pages through one old revision while writes go on', async (store) => {
      await store.commit(['1', '2', '3', '4'].map((number) => put(`/${number}`, 'old')))
      const { revision } = store
      const first = await store.list({ prefix: '/', limit: 2, revision })
      await store.commit([put('/3', 'new'), remove('/4'), put('/5', 'new')])
      const second = await store.list({ prefix: '/', limit: 9, after: '/2', revision })
      expect(first.revision).toBe(revision)
      expect(second.entries.map(({ key, value }) => `${key}=${text(value)}`)).toEqual(['/3=old', '/4=old'])
      expect(second).toMatchObject({ revision, more: false })
    })

    check('lists more entries than one turn reads', async (store) => {
      for (let page = 0; page < 3; page++)
        await store.commit(Array.from({ length: 600 }, (_, number) => put(`/${page}/${number}`, 'x')))
      expect((await store.list({ prefix: '/' })).entries).toHaveLength(1800)
      const { revision } = await store.commit([put('/x', 'x')])
      await store.commit([put('/y', 'x')])
      const old = await store.list({ prefix: '/', revision, limit: 1500 })
      expect(old.entries).toHaveLength(1500)
      expect(old.more).toBe(true)
    })
  })

  describe(`${name}: history`, () => {
    check('reads every key as of an old revision', async (store) => {
      const { revision: one } = await store.commit([put('/a', '1')])
      const { revision: two } = await store.commit([put('/a', '2'), put('/b', '2')])
      const { revision: three } = await store.commit([remove('/a')])
      expect(text((await store.get('/a', one))?.value)).toBe('1')
      expect(text((await store.get('/a', two))?.value)).toBe('2')
      expect(await store.get('/a', three)).toBeUndefined()
      expect(await store.get('/b', one)).toBeUndefined()
      expect(await keysOf(store, { revision: one })).toEqual(['/a=1'])
      expect(await keysOf(store, { revision: two })).toEqual(['/a=2', '/b=2'])
      expect(await keysOf(store)).toEqual(['/b=2'])
    })

    check('refuses revisions that have not happened', async (store) => {
      await store.commit([put('/a', '1')])
      expect(await codeOf(store.get('/a', store.revision + 1))).toBe('FutureRevision')
      expect(await codeOf(store.list({ prefix: '/', revision: store.revision + 1 }))).toBe('FutureRevision')
      expect(await codeOf(store.compact(store.revision + 1))).toBe('FutureRevision')
    })

    check('forgets what is older than the compacted revision, and nothing else', async (store) => {
      await store.commit([put('/a', '1'), put('/b', '1'), put('/c', '1')])
      const { revision: old } = await store.commit([put('/a', '2')])
      const { revision: kept } = await store.commit([remove('/c')])
      await store.commit([put('/a', '3'), remove('/b')])
      await store.compact(kept)
      expect(store.compactedRevision).toBe(kept)
      expect(await codeOf(store.get('/a', old))).toBe('Compacted')
      expect(await codeOf(store.list({ prefix: '/', revision: old }))).toBe('Compacted')
      expect(await keysOf(store, { revision: kept })).toEqual(['/a=2', '/b=1'])
      expect(await keysOf(store)).toEqual(['/a=3'])
    })

    check('keeps the newest state and the revision when everything is compacted', async (store) => {
      await store.commit([put('/a', '1'), put('/b', '1')])
      const { revision } = await store.commit([remove('/a')])
      await store.compact(revision)
      await store.compact(revision - 1)
      expect(store.compactedRevision).toBe(revision)
      expect(await keysOf(store)).toEqual(['/b=1'])
      expect((await store.commit([put('/a', '2', 0)])).revision).toBeGreaterThan(revision)
    })
  })

  describe(`${name}: watches`, () => {
    check('tells events before the commit is acknowledged', async (store) => {
      const order: string[] = []
      store.watch({ prefix: '/', after: 0 }, { events: () => order.push('event'), failed: () => order.push('failed') })
      await store.commit([put('/a', '1')]).then(() => order.push('acknowledged'))
      expect(order).toEqual(['event', 'acknowledged'])
    })

    check('tells each event with its revision, previous entry and cause', async (store) => {
      const seen = record(store, '/', 0)
      const cause = { actor: 'tester', revision: 7, key: 'default/web' }
      await store.commit([put('/a', '1')], cause)
      await store.commit([put('/a', '2')])
      await store.commit([remove('/a')], { actor: 'other' })
      const [created, updated, deleted] = seen.events
      expect(created).toMatchObject({ type: 'put', revision: 1, cause, entry: { value: bytes('1'), modRevision: 1 } })
      expect(created).not.toHaveProperty('previous')
      expect(updated).toMatchObject({ entry: { value: bytes('2'), createRevision: 1 }, previous: created?.entry })
      expect(updated).not.toHaveProperty('cause')
      expect(deleted).toMatchObject({ type: 'delete', revision: 3, entry: updated?.entry, cause: { actor: 'other' } })
    })

    check('replays history exactly as it was told live', async (store) => {
      const live = record(store, '/', 0)
      await store.commit([put('/a', '1'), put('/b', '1')], { actor: 'tester', revision: 3, key: 'k' })
      await store.commit([put('/a', '2')])
      await store.commit([remove('/b')])
      await store.commit([put('/b', '2')])
      const replayed = record(store, '/', 0)
      await caughtUp(store, replayed)
      expect(replayed.events).toEqual(live.events)
      const rest = record(store, '/', 2)
      await caughtUp(store, rest)
      expect(rest.lines()).toEqual(['delete /b@3', 'put /b@4=2'])
    })

    check('says nothing before the call has returned', async (store) => {
      await store.commit([put('/a', '1')])
      const seen = record(store, '/', 0)
      expect(seen.events).toEqual([])
      await caughtUp(store, seen)
      expect(seen.lines()).toEqual(['put /a@1=1'])
    })

    check('goes from replay to live without a gap or a duplicate while writes go on', async (store) => {
      for (let number = 0; number < 3; number++)
        await store.commit(Array.from({ length: 400 }, (_, place) => put(`/old/${number}/${place}`, 'x')))
      const watches: Recording[] = []
      for (let number = 0; number < 30; number++) {
        watches.push(record(store, '/', number % 3))
        await Promise.all([1, 2, 3].map((place) => store.commit([put(`/new/${number}/${place}`, 'x')])))
      }
      await caughtUp(store, ...watches)
      const { entries } = await store.list({ prefix: '/' })
      for (const [number, watch] of watches.entries()) {
        expect(watch.error).toBeUndefined()
        const expected = entries.filter(({ modRevision }) => modRevision > number % 3)
        expect(watch.events).toHaveLength(expected.length)
        const revisions = watch.events.map(({ revision }) => revision)
        expect(revisions).toEqual(revisions.toSorted((one, other) => one - other))
        expect(new Set(watch.events.map(({ key }) => key)).size).toBe(expected.length)
      }
    })

    check('brings the events of one commit together', async (store) => {
      await store.commit(Array.from({ length: 700 }, (_, place) => put(`/a/${place}`, 'x')))
      const seen = record(store, '/', 0)
      await caughtUp(store, seen)
      await store.commit([put('/b/1', 'x'), put('/b/2', 'x')])
      const whole = seen.batches.map((batch) => batch.map(({ revision }) => revision))
      for (const revision of [1, 2]) expect(whole.filter((batch) => batch.includes(revision))).toHaveLength(1)
      expect(seen.events).toHaveLength(702)
    })

    check('keeps the order for everyone when a listener commits in turn', async (store) => {
      const nested: Promise<unknown>[] = []
      const late: Recording[] = []
      store.watch(
        { prefix: '/', after: 0 },
        {
          events: ([event]) => {
            if (event === undefined || event.revision > 3) return
            nested.push(store.commit([put(`/nested/${event.revision}`, 'x')]))
            late.push(record(store, '/', store.revision))
          },
          failed: () => undefined,
        },
      )
      const other = record(store, '/', 0)
      await store.commit([put('/a', '1')])
      // Each commit is told before it is acknowledged, so that the next one is on the list by then.
      for (let place = 0; place < nested.length; place++) await nested[place]
      await caughtUp(store, other, ...late)
      const revisions = (recording: Recording): number[] => recording.events.map(({ revision }) => revision)
      expect(revisions(other)).toEqual([1, 2, 3, 4])
      for (const recording of late) {
        const seen = revisions(recording)
        expect(seen).toEqual([1, 2, 3, 4].slice(4 - seen.length))
      }
    })

    check('tells only what is under the prefix', async (store) => {
      const seen = record(store, '/pods/', 0)
      await store.commit([put('/pods/a', '1'), put('/podsets/a', '1'), put('/nodes/a', '1')])
      expect(seen.lines()).toEqual(['put /pods/a@1=1'])
    })

    check('is silent after it was disposed', async (store) => {
      await store.commit([put('/a', '1')])
      const replaying = record(store, '/', 0)
      const live = record(store, '/', 1)
      replaying.stop()
      live.stop()
      await store.commit([put('/a', '2')])
      await settle()
      expect([...replaying.events, ...live.events]).toEqual([])
    })

    check('fails with Compacted where history is gone, and never skips', async (store) => {
      await store.commit([put('/a', '1')])
      await store.commit([remove('/a')])
      await store.commit([put('/b', '1')])
      await store.compact(2)
      const gone = record(store, '/', 1)
      const kept = record(store, '/', 2)
      await caughtUp(store, gone, kept)
      expect(gone.error?.code).toBe('Compacted')
      expect(gone.events).toEqual([])
      expect(kept.lines()).toEqual(['put /b@3=1'])
    })

    check('fails with FutureRevision when asked for more than has happened', async (store) => {
      const seen = record(store, '/', 5)
      await until('the refusal', async () => seen.error !== undefined, 10_000, 1)
      expect(seen.error?.code).toBe('FutureRevision')
    })

    check('cuts off a listener that throws, and spares the others', async (store) => {
      const failures: string[] = []
      store.watch(
        { prefix: '/', after: 0 },
        {
          events: () => {
            throw new Error('out of order')
          },
          failed: ({ code }) => failures.push(code),
        },
      )
      const other = record(store, '/', 0)
      await store.commit([put('/a', '1')])
      await store.commit([put('/a', '2')])
      expect(failures).toEqual(['Closed'])
      expect(other.events).toHaveLength(2)
    })
  })

  describe(`${name}: as a whole`, () => {
    check('agrees with a plain model in a long random run', async (store) => {
      const random = seededRandom(7)
      const states: Map<string, string>[] = [new Map()]
      const all = record(store, '/', 0)
      for (let step = 0; step < 400; step++) {
        const keys = [...new Set([0, 1, 2].map(() => `/${random.integer(12)}`))].slice(0, 1 + random.integer(3))
        const state = new Map(states.at(-1))
        const operations = keys.map((key) => {
          if (random.integer(3) === 0) return remove(key)
          const value = `${step}:${'v'.repeat(random.integer(50))}`
          return put(key, value)
        })
        for (const operation of operations)
          if (operation.type === 'put') state.set(operation.key, text(operation.value) ?? '')
          else state.delete(operation.key)
        const before = store.revision
        const { revision } = await store.commit(operations)
        const changes = operations.some(({ type, key }) => type === 'put' || states.at(-1)?.has(key) === true)
        expect(revision - before).toBe(changes ? 1 : 0)
        if (changes) states.push(state)
        if (random.integer(60) === 0) await store.compact(store.compactedRevision + random.integer(40))

        const old = store.compactedRevision + random.integer(store.revision - store.compactedRevision + 1)
        const key = `/${random.integer(12)}`
        expect(text((await store.get(key, old))?.value)).toBe(states[old]?.get(key))
        const [limit, after] = [1 + random.integer(6), `/${random.integer(12)}`]
        const { entries, more } = await store.list({ prefix: '/', revision: old, limit, after })
        const expected = [...(states[old] ?? [])]
          .filter(([one]) => one > after)
          .sort(([one], [other]) => (one < other ? -1 : 1))
        expect(entries.map((entry) => [entry.key, text(entry.value)])).toEqual(expected.slice(0, limit))
        expect(more).toBe(expected.length > limit)
      }
      const replayed = record(store, '/', store.compactedRevision)
      await caughtUp(store, replayed)
      expect(replayed.events).toEqual(all.events.filter(({ revision }) => revision > store.compactedRevision))
    })
  })

  describe(`${name}: the end`, () => {
    it('fails watches and refuses all work after it was closed, and may be closed twice', async () => {
      const store = await open()
      await store.commit([put('/a', '1')])
      const seen = record(store, '/', 1)
      await store.dispose()
      await store.dispose()
      expect(seen.error?.code).toBe('Closed')
      expect(await codeOf(store.get('/a'))).toBe('Closed')
      expect(await codeOf(store.list({ prefix: '/' }))).toBe('Closed')
      expect(await codeOf(store.commit([put('/a', '2')]))).toBe('Closed')
      expect(await codeOf(store.compact(1))).toBe('Closed')
      expect(() => record(store, '/', 1)).toThrow(StoreError)
    })

    it('finishes what was committed before it was closed', async () => {
      const store = await open()
      const commits = Array.from({ length: 50 }, (_, number) => store.commit([put(`/${number}`, 'x')]))
      const closing = store.dispose()
      expect(await Promise.all(commits.map(codeOf))).toEqual(commits.map(() => 'fulfilled'))
      await closing
    })
  })
}
