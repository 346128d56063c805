import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src-main/lib/random.ts'
import { MemoryStore } from '../../src-main/store/memory.ts'
import { StoreError, type Entry, type Operation, type Store, type WatchListener } from '../../src-main/store/store.ts'
import { registerAnomaly, revisionAnomaly, type Call, type Input, type Output } from './linearizability.ts'
import { anomalyIn, runClients } from './random-clients.ts'

const call = (client: number, [startedAt, endedAt]: [number, number], input: Input, output: Output): Call => ({
  ...{ client, startedAt, endedAt, input, output },
})
const put = (value: string, expected?: number): Input => ({
  ...{ type: 'put', key: '/a', value },
  ...(expected === undefined ? {} : { expected }),
})
const get: Input = { type: 'get', key: '/a' }
const done = (revision: number): Output => ({ type: 'done', revision })
const read = (value: string, modRevision: number): Output => ({ type: 'read', standing: { value, modRevision } })
const nothing: Output = { type: 'read', standing: undefined }
const unknown: Output = { type: 'unknown' }

describe('the linearizability check', () => {
  const sound: Record<string, Call[]> = {
    'a read that overlaps a write and sees what was before': [
      call(1, [1, 4], put('x'), done(1)),
      call(2, [2, 3], get, nothing),
    ],
    'a read that overlaps a write and sees it already': [
      call(1, [1, 4], put('x'), done(1)),
      call(2, [2, 3], get, read('x', 1)),
    ],
    'two overlapping writes that took effect in the order of their ends': [
      call(1, [1, 3], put('x'), done(2)),
      call(2, [2, 4], put('y'), done(1)),
      call(3, [5, 6], get, read('x', 2)),
    ],
    'a write that was never answered and is seen late': [
      call(1, [1, Infinity], put('x'), unknown),
      call(2, [2, 3], get, nothing),
      call(2, [4, 5], get, read('x', 1)),
    ],
    'a write that was never answered and never seen': [
      call(1, [1, Infinity], put('x'), unknown),
      call(2, [2, 3], get, nothing),
    ],
    'a conflict that names what stands there': [
      call(1, [1, 2], put('x', 0), done(1)),
      call(2, [3, 4], put('y', 0), { type: 'conflict', standing: { value: 'x', modRevision: 1 } }),
    ],
  }
  it.each(Object.entries(sound))('accepts %s', (_name, calls) => {
    expect(registerAnomaly(calls)).toBeUndefined()
    expect(revisionAnomaly(calls)).toBeUndefined()
  })

  const faulty: Record<string, Call[]> = {
    'a read of what was overwritten before it began': [
      call(1, [1, 2], put('x'), done(1)),
      call(1, [3, 4], put('y'), done(2)),
      call(2, [5, 6], get, read('x', 1)),
    ],
    'a read that goes back behind another read': [
      call(1, [1, 8], put('x'), done(1)),
      call(2, [2, 3], get, read('x', 1)),
      call(3, [4, 5], get, nothing),
    ],
    'an acknowledged write that nobody finds': [call(1, [1, 2], put('x'), done(1)), call(2, [3, 4], get, nothing)],
    'two creates that both succeed': [call(1, [1, 3], put('x', 0), done(1)), call(2, [2, 4], put('y', 0), done(2))],
    'a conflict although the expectation holds': [
      call(1, [1, 2], put('x', 0), { type: 'conflict', standing: undefined }),
    ],
    'a write that was never answered, seen and gone again': [
      call(1, [1, Infinity], put('x'), unknown),
      call(2, [2, 3], get, read('x', 1)),
      call(2, [4, 5], get, nothing),
    ],
  }
  it.each(Object.entries(faulty))('finds %s', (_name, calls) => {
    expect(registerAnomaly(calls)).toContain('no order')
  })
})

/** A store with a fault that shows every now and then. */
function faultyStore(faults: {
  readonly [Name in keyof Store]?: (store: MemoryStore, now: () => boolean) => unknown
}): Store {
  const store = new MemoryStore()
  const random = seededRandom(3)
  const now = (): boolean => random.integer(12) === 0
  const changed = Object.entries(faults).map(([name, make]) => [name, make(store, now)])
  return new Proxy(store, {
    get(target, name) {
      const fault = changed.find(([changedName]) => changedName === name)
      if (fault !== undefined) return fault[1]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Lets a watch tell its batches otherwise. */
const retold =
  (tell: (listener: WatchListener, batch: Parameters<WatchListener['events']>[0], now: () => boolean) => void) =>
  (store: MemoryStore, now: () => boolean): Store['watch'] =>
  (options, listener) =>
    store.watch(options, {
      events: (batch) => tell(listener, batch, now),
      failed: (error) => listener.failed(error),
    })

const faults: Record<string, () => Store> = {
  'a stale read': () =>
    faultyStore({
      get: (store, now) => {
        const old = new Map<string, Entry | undefined>()
        return async (key: string) => {
          if (now()) return old.get(key)
          const entry = await store.get(key)
          old.set(key, entry)
          return entry
        }
      },
    }),
  'an acknowledged write that is lost': () =>
    faultyStore({
      commit: (store, now) => async (operations: readonly Operation[]) => {
        if (!now()) return store.commit(operations)
        return {
          revision: (await store.commit([{ type: 'put', key: '/elsewhere', value: new Uint8Array(0) }])).revision,
        }
      },
    }),
  'an update that does not look at what it expects': () =>
    faultyStore({
      commit: (store, now) => (operations: readonly Operation[]) =>
        store.commit(now() ? operations.map(({ expected: _, ...blind }) => blind as Operation) : operations),
    }),
  'a conflict that has written all the same': () =>
    faultyStore({
      commit: (store, now) => async (operations: readonly Operation[]) => {
        if (!now()) return store.commit(operations)
        const [{ key } = { key: '' }] = operations
        const current = await store.get(key)
        await store.commit(operations)
        throw new StoreError('Conflict', 'too late', { conflict: { key, current } })
      },
    }),
  'a revision that is used twice': () =>
    faultyStore({
      commit: (store, now) => {
        let last = 0
        return async (operations: readonly Operation[]) => {
          const { revision } = await store.commit(operations)
          const told = now() && last > 0 ? last : revision
          last = revision
          return { revision: told }
        }
      },
    }),
  'a watch that skips': () =>
    faultyStore({
      watch: retold((listener, batch, now) => {
        if (!now()) listener.events(batch)
      }),
    }),
  'a watch that repeats': () =>
    faultyStore({
      watch: retold((listener, batch, now) => listener.events(now() ? [...batch, ...batch] : batch)),
    }),
  'a watch that puts events out of order': () => {
    let held: Parameters<WatchListener['events']>[0] = []
    return faultyStore({
      watch: retold((listener, batch, now) => {
        if (held.length === 0 && now()) held = batch
        else {
          listener.events([...batch, ...held])
          held = []
        }
      }),
    })
  },
  'a watch that tells what nobody wrote': () =>
    faultyStore({
      watch: retold((listener, batch, now) =>
        listener.events(batch.map((event) => (now() ? { ...event, key: `${event.key}x` } : event))),
      ),
    }),
}

describe('random clients', () => {
  it.each(Object.entries(faults))('find %s', async (_name, open) => {
    const history = await runClients({ stores: [open()], random: seededRandom(11), patienceMs: 100 })
    expect(anomalyIn(history)).toBeDefined()
  })
})
