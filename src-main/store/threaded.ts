/** The SQLite store in a thread of its own, so that neither its work nor the disk holds the caller's event loop. */
import { setImmediate as afterReadyInput } from 'node:timers'
import { Worker } from 'node:worker_threads'
import type { Disposable } from '../lib/disposable.ts'
import { checkOperations } from './plan-commit.ts'
import type {
  PackedCommit,
  PackedEvent,
  PackedOperation,
  Settled,
  StoreAnswer,
  StoreCall,
  StoreMessage,
  StoreRequest,
  StoreThreadInput,
} from './sqlite/thread-messages.ts'
import { errorFromWire } from './sqlite/wire-error.ts'
import { closed } from './store-errors.ts'
import {
  StoreError,
  type Cause,
  type Entry,
  type ListOptions,
  type ListResult,
  type Operation,
  type Store,
  type StoreEvent,
  type WatchListener,
} from './store.ts'
import { WatchHub, type HistoryPiece } from './watch-hub.ts'

export interface ThreadedStoreOptions {
  readonly path: string
  /** The file that `sqlite/thread.ts` is, or was bundled into. */
  readonly threadFile: string
  /** As for the store itself. */
  readonly maximumBytes?: number
}

interface Writing {
  readonly operations: readonly Operation[]
  readonly cause: Cause | undefined
  readonly resolve: (done: { readonly revision: number }) => void
  readonly reject: (error: Error) => void
}

interface Asking {
  readonly resolve: (answer: StoreAnswer) => void
  readonly reject: (error: Error) => void
  readonly entries: Entry[]
}

/** Bounds of one message, so that neither side is held for long. */
const batchCommits = 500
const batchBytes = 1024 * 1024

/** Opens or makes the store in a file. Rejects with StoreError `Corrupt`, `InUse` or `Unavailable`. */
export async function openThreadedStore(options: ThreadedStoreOptions): Promise<Store> {
  const input: StoreThreadInput = { path: options.path, maximumBytes: options.maximumBytes }
  const worker = new Worker(options.threadFile, { workerData: input })
  const opened = await new Promise<Extract<StoreMessage, { type: 'opened' }>>((resolve, reject) => {
    worker.once('message', (message: StoreMessage) => {
      if (message.type === 'opened') resolve(message)
      else reject(message.type === 'refused' ? errorFromWire(message.error) : new Error('the store did not open'))
    })
    worker.once('error', reject)
  })
  worker.removeAllListeners('error')
  return new ThreadedStore(worker, opened)
}

class ThreadedStore implements Store {
  revision: number
  compactedRevision: number
  private readonly worker: Worker
  private readonly hub: WatchHub
  private readonly writing = new Map<number, Writing>()
  private readonly asking = new Map<number, Asking>()
  private unsent: number[] = []
  private lastId = 0
  /** Why nothing can be asked any more. */
  private ended: StoreError | undefined
  private closing: Promise<void> | undefined

  constructor(worker: Worker, { revision, compactedRevision }: { revision: number; compactedRevision: number }) {
    this.worker = worker
    this.revision = revision
    this.compactedRevision = compactedRevision
    this.hub = new WatchHub(this, (run) => void afterReadyInput(run))
    worker.on('message', (message: StoreMessage) => this.takeOrEnd(message))
    worker.on('error', (cause) => this.end(new StoreError('Unavailable', "the store's thread has failed", { cause })))
    worker.on('exit', () => this.end(closed()))
  }

  async get(key: string, revision?: number): Promise<Entry | undefined> {
    const { answer } = await this.ask({ name: 'get', key, revision })
    return answer.name === 'get' ? answer.entry : undefined
  }

  async list(options: ListOptions): Promise<ListResult> {
    const { answer, entries } = await this.ask({ name: 'list', options })
    if (answer.name !== 'list') throw unexpected(answer)
    return { entries, revision: answer.revision, more: answer.more }
  }

  commit(operations: readonly Operation[], cause?: Cause): Promise<{ readonly revision: number }> {
    return new Promise((resolve, reject) => {
      this.checkOpen()
      checkOperations(operations)
      const id = ++this.lastId
      this.writing.set(id, { operations, cause, resolve, reject })
      if (this.unsent.push(id) === 1) afterReadyInput(() => this.sendCommits())
    })
  }

  watch({ prefix, after }: { prefix: string; after: number }, listener: WatchListener): Disposable {
    this.checkOpen()
    return this.hub.add(prefix, after, listener)
  }

  async compact(revision: number): Promise<void> {
    await this.ask({ name: 'compact', revision })
  }

  async snapshot(path: string): Promise<void> {
    await this.ask({ name: 'snapshot', path })
  }

  /** Writes what waits, ends all watches, and closes the file. */
  dispose(): Promise<void> {
    this.closing ??= this.close()
    return this.closing
  }

  private async close(): Promise<void> {
    if (this.ended !== undefined) return
    const exited = new Promise<void>((resolve) => this.worker.once('exit', () => resolve()))
    const done = this.ask({ name: 'dispose' })
    this.ended = closed()
    await done
    this.hub.fail(closed())
    await exited
  }

  /** A piece of history for the replay: see WatchHub. */
  async read(after: number): Promise<HistoryPiece> {
    const { answer } = await this.ask({ name: 'history', after })
    if (answer.name !== 'history') throw unexpected(answer)
    const { events, upTo } = answer
    return { events, upTo }
  }

  /** In the order of the commits before it. */
  private ask(call: StoreCall): Promise<{ readonly answer: StoreAnswer; readonly entries: readonly Entry[] }> {
    return new Promise((resolve, reject) => {
      this.checkOpen()
      this.sendCommits()
      const id = ++this.lastId
      const entries: Entry[] = []
      this.asking.set(id, { resolve: (answer) => resolve({ answer, entries }), reject, entries })
      this.send({ type: 'call', id, call }, [])
    })
  }

  private sendCommits(): void {
    const ids = this.unsent
    this.unsent = []
    for (let first = 0; first < ids.length;) {
      const commits: PackedCommit[] = []
      const values: Uint8Array[] = []
      let bytes = 0
      while (first < ids.length && commits.length < batchCommits && bytes < batchBytes) {
        const id = ids[first++] ?? 0
        const { operations = [], cause } = this.writing.get(id) ?? {}
        const packed = operations.map((operation): PackedOperation => {
          const start = bytes
          if (operation.type === 'put') {
            values.push(operation.value)
            bytes += operation.value.byteLength
          }
          return { type: operation.type, key: operation.key, expected: operation.expected, start, end: bytes }
        })
        commits.push({ id, operations: packed, cause })
      }
      const joined = joinedBytes(values, bytes)
      this.send({ type: 'commits', commits, bytes: joined }, [joined.buffer])
    }
  }

  /** What does not fit together here is a fault that no later message mends. */
  private takeOrEnd(message: StoreMessage): void {
    try {
      this.take(message)
    } catch (cause) {
      this.end(new StoreError('Unavailable', "the store's thread has said what makes no sense", { cause }))
    }
  }

  private take(message: StoreMessage): void {
    switch (message.type) {
      case 'events':
        return this.publish(message.events)
      case 'settled':
        return message.commits.forEach((commit) => this.settle(commit))
      case 'entries':
        // One by one: a spread of a long list would overflow the stack.
        for (const entry of message.entries) this.asking.get(message.id)?.entries.push(entry)
        return
      case 'compacted':
        this.compactedRevision = message.revision
        return
      case 'answered':
        return this.takeAsking(message.id)?.resolve(message.answer)
      case 'failed':
        return this.takeAsking(message.id)?.reject(errorFromWire(message.error))
      case 'opened':
      case 'refused':
        return
    }
  }

  private publish(packed: readonly PackedEvent[]): void {
    const events = packed.map((event) => this.unpacked(event))
    this.revision = events.at(-1)?.revision ?? this.revision
    this.hub.publish(events)
  }

  private unpacked(event: PackedEvent): StoreEvent {
    if (event.type === 'delete') return event
    const { type, key, revision, createRevision, commit, operation, previous } = event
    const { operations, cause } = this.writing.get(commit) ?? {}
    const put = operations?.[operation]
    if (put?.type !== 'put' || put.key !== key) throw new Error(`the store's thread wrote ${key} for no commit of ours`)
    const entry = { key, value: put.value, createRevision, modRevision: revision }
    const before = previous === undefined ? {} : { previous }
    return { type, key, revision, entry, ...before, ...(cause === undefined ? {} : { cause }) }
  }

  private settle(settled: Settled): void {
    const writing = this.writing.get(settled.id)
    this.writing.delete(settled.id)
    if ('error' in settled) writing?.reject(errorFromWire(settled.error))
    else writing?.resolve({ revision: settled.revision })
  }

  private takeAsking(id: number): Asking | undefined {
    const asking = this.asking.get(id)
    this.asking.delete(id)
    return asking
  }

  /** Nobody is left waiting for a thread that is gone. */
  private end(error: StoreError): void {
    this.ended ??= error
    for (const { reject } of [...this.writing.values(), ...this.asking.values()]) reject(error)
    this.writing.clear()
    this.asking.clear()
    this.hub.fail(error)
  }

  private send(request: StoreRequest, transfer: readonly ArrayBuffer[]): void {
    this.worker.postMessage(request, transfer)
  }

  private checkOpen(): void {
    if (this.ended !== undefined) throw this.ended
  }
}

function joinedBytes(values: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(length)
  let at = 0
  for (const value of values) {
    joined.set(value, at)
    at += value.byteLength
  }
  return joined
}

const unexpected = (answer: StoreAnswer): Error => new Error(`the store's thread answered with ${answer.name}`)
