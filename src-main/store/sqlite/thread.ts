/** The store's own thread: what SQLite and the disk take, nobody else waits for. The owner's side is `threaded.ts`. */
import { parentPort, workerData, type Transferable } from 'node:worker_threads'
import { openSqliteStore } from '../sqlite.ts'
import { compacted } from '../store-errors.ts'
import type { Entry, Operation, StoreEvent } from '../store.ts'
import type {
  PackedCommit,
  PackedEvent,
  Settled,
  StoreAnswer,
  StoreCall,
  StoreMessage,
  StoreRequest,
  StoreThreadInput,
} from './thread-messages.ts'
import { WalFlush } from './wal-flush.ts'
import { wireErrorOf, type WireError } from './wire-error.ts'

if (parentPort === null) throw new Error('this file runs as a worker thread only')
const owner = parentPort
const { path, maximumBytes } = workerData as StoreThreadInput

/** Which operation a value on its way into the store belongs to: its event need not carry it back. */
const places = new Map<Uint8Array, { readonly commit: number; readonly operation: number }>()
const settled: Settled[] = []

try {
  const store = openSqliteStore({
    ...{ path, walFlush: new WalFlush(path, 'wait') },
    ...(maximumBytes === undefined ? {} : { maximumBytes }),
  })
  store.watch({ prefix: '', after: store.revision }, { events: tellEvents, failed: () => undefined })
  owner.on('message', (request: StoreRequest) => {
    if (request.type === 'call') answer(request.id, request.call)
    else for (const commit of request.commits) write(commit, request.bytes)
  })
  send({ type: 'opened', revision: store.revision, compactedRevision: store.compactedRevision })

  function write({ id, operations, cause }: PackedCommit, bytes: Uint8Array): void {
    const values: Uint8Array[] = []
    const unpacked = operations.map(({ type, key, expected, start, end }, operation): Operation => {
      const about = { key, ...(expected === undefined ? {} : { expected }) }
      if (type === 'delete') return { type, ...about }
      const value = bytes.subarray(start, end)
      values.push(value)
      places.set(value, { commit: id, operation })
      return { type, ...about, value }
    })
    const settle = (outcome: Settled): void => {
      for (const value of values) places.delete(value)
      if (settled.push(outcome) === 1) queueMicrotask(tellSettled)
    }
    store.commit(unpacked, cause).then(
      ({ revision }) => settle({ id, revision }),
      (error: unknown) => settle({ id, error: portable(wireErrorOf(error)) }),
    )
  }

  function answer(id: number, call: StoreCall): void {
    run(id, call).then(
      (result) => {
        send({ type: 'answered', id, answer: result }, buffersOf(result))
        if (call.name === 'dispose') owner.close()
      },
      (error: unknown) => send({ type: 'failed', id, error: wireErrorOf(error) }),
    )
  }

  async function run(id: number, call: StoreCall): Promise<StoreAnswer> {
    switch (call.name) {
      case 'get':
        return { name: 'get', entry: await store.get(call.key, call.revision) }
      case 'list': {
        const end = await store.eachPage(call.options, (page) =>
          send({ type: 'entries', id, entries: page }, page.map(bufferOf)),
        )
        return { name: 'list', ...end }
      }
      case 'history':
        // Asked again here: history may have been given up while the question was on its way.
        if (call.after < store.compactedRevision) throw compacted(call.after, store.compactedRevision)
        return { name: 'history', ...store.read(call.after) }
      case 'compact': {
        const compacting = store.compact(call.revision)
        // Known before the sweep is through: what is forgotten is refused from now on.
        send({ type: 'compacted', revision: store.compactedRevision })
        await compacting
        return { name: 'done' }
      }
      case 'snapshot':
        await store.snapshot(call.path)
        return { name: 'done' }
      case 'dispose':
        await store.dispose()
        return { name: 'done' }
    }
  }
} catch (error) {
  send({ type: 'refused', error: wireErrorOf(error) })
  owner.close()
}

/** Runs before the commits are settled, so that the owner hears of events first. */
function tellEvents(events: readonly StoreEvent[]): void {
  const buffers: Transferable[] = []
  const own = (entry: Entry): Entry => {
    const alone = ownEntry(entry)
    buffers.push(bufferOf(alone))
    return alone
  }
  const packed = events.map((event): PackedEvent => {
    if (event.type === 'delete') return { ...event, type: 'delete', entry: own(event.entry) }
    const { type, key, revision, entry, previous } = event
    const { commit = 0, operation = 0 } = places.get(entry.value) ?? {}
    const { createRevision } = entry
    return { type, key, revision, createRevision, commit, operation, previous: previous && own(previous) }
  })
  send({ type: 'events', events: packed }, buffers)
}

function tellSettled(): void {
  send({ type: 'settled', commits: settled.splice(0) })
}

/** With a value that is its own, and no part of a batch. */
function ownEntry(entry: Entry): Entry {
  const { value } = entry
  return value.byteLength === value.buffer.byteLength && !places.has(value) ? entry : { ...entry, value: value.slice() }
}

function portable(error: WireError): WireError {
  const { conflict } = error
  if (conflict?.current === undefined) return error
  return { ...error, conflict: { ...conflict, current: ownEntry(conflict.current) } }
}

const bufferOf = ({ value }: Entry): Transferable => value.buffer as ArrayBuffer

/** A value may stand in two events of one piece of history: as what one put wrote and the next one replaced. */
function buffersOf(answer: StoreAnswer): Transferable[] {
  if (answer.name === 'get') return answer.entry === undefined ? [] : [bufferOf(answer.entry)]
  if (answer.name !== 'history') return []
  const entries = answer.events.flatMap(({ entry, previous }) => (previous === undefined ? [entry] : [entry, previous]))
  return [...new Set(entries.map(bufferOf))]
}

function send(message: StoreMessage, transfer: readonly Transferable[] = []): void {
  owner.postMessage(message, transfer)
}
