import { expect, it } from 'vitest'
import type { StoreEvent } from './store.ts'
import { WatchHub, type HistoryPiece } from './watch-hub.ts'

const put = (revision: number): StoreEvent => ({
  ...{ type: 'put', key: `/a/${revision}`, revision },
  entry: { key: `/a/${revision}`, value: new Uint8Array(), modRevision: revision, createRevision: revision },
})

it('is caught up when whoever watches has heard the history that lies elsewhere', async () => {
  const reads: PromiseWithResolvers<HistoryPiece>[] = []
  const history = {
    revision: 2,
    compactedRevision: 0,
    read: () => {
      const read = Promise.withResolvers<HistoryPiece>()
      reads.push(read)
      return read.promise
    },
  }
  const hub = new WatchHub(history, queueMicrotask)
  await hub.caughtUp()
  const heard: number[] = []
  hub.add('/a/', 0, {
    events: (events) => void heard.push(...events.map(({ revision }) => revision)),
    failed: (error) => expect.fail(error.message),
  })
  const heardThen = hub.caughtUp().then(() => [...heard])
  await Promise.resolve()
  reads[0]?.resolve({ events: [put(1)], upTo: 1 })
  await reads[0]?.promise
  await Promise.resolve()
  reads[1]?.resolve({ events: [put(2)], upTo: 2 })
  expect(await heardThen).toEqual([1, 2])
  history.revision = 3
  hub.publish([put(3)])
  expect(heard).toEqual([1, 2, 3])
})

it('does not wait for a watcher that is gone, or that failed', async () => {
  const hub = new WatchHub(
    { revision: 2, compactedRevision: 0, read: () => Promise.withResolvers<HistoryPiece>().promise },
    queueMicrotask,
  )
  const failures: string[] = []
  const listener = { events: () => undefined, failed: (error: Error) => void failures.push(error.message) }
  const watching = hub.add('/a/', 0, listener)
  const caughtUp = hub.caughtUp()
  await watching.dispose()
  await caughtUp
  hub.add('/a/', 5, listener)
  await hub.caughtUp()
  expect(failures).toHaveLength(1)
})
