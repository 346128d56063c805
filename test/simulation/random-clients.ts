/** Clients that use stores at random, all at once, and record what each of them saw. */
import type { Random } from '../../src-main/lib/random.ts'
import { StoreError, type Entry, type Operation, type Store } from '../../src-main/store/store.ts'
import { record, text, type Recording } from '../contract/store-contract.ts'
import {
  registerAnomaly,
  revisionAnomaly,
  type Call,
  type Input,
  type Output,
  type Standing,
} from './linearizability.ts'
import { watchAnomaly, type Watched } from './watch-check.ts'

export interface Load {
  /** All of the same data: clients are spread over them. */
  readonly stores: readonly Store[]
  readonly random: Random
  readonly clients?: number
  readonly callsEach?: number
  readonly keys?: number
  /** How long a watch may take to tell the end. */
  readonly patienceMs?: number
}

export interface RecordedHistory {
  readonly calls: readonly Call[]
  readonly watches: readonly Watched[]
}

/** What is wrong with a history, in words; undefined: nothing. */
export const anomalyIn = ({ calls, watches }: RecordedHistory): string | undefined =>
  revisionAnomaly(calls) ?? registerAnomaly(calls) ?? watchAnomaly(calls, watches)

export async function runClients(load: Load): Promise<RecordedHistory> {
  const { stores, random, clients = 8, callsEach = 60, keys = 4, patienceMs = 10_000 } = load
  const calls: Call[] = []
  const recordings: { readonly prefix: string; readonly recording: Recording }[] = []
  let instant = 0

  const make = async (client: number, store: Store, input: Input): Promise<Output> => {
    const startedAt = ++instant
    const output = await answerTo(store, input)
    calls.push({ client, startedAt, endedAt: output.type === 'unknown' ? Infinity : ++instant, input, output })
    return output
  }

  const watchFrom = (store: Store): void => {
    const prefix = random.integer(2) === 0 ? '/' : `/${random.integer(keys)}`
    const { compactedRevision: first, revision } = store
    const after = first + random.integer(revision - first + 1)
    recordings.push({ prefix, recording: record(store, prefix, after) })
  }

  const run = async (client: number): Promise<void> => {
    const store = stores[client % stores.length] as Store
    const seen = new Map<string, number>()
    for (let number = 0; number < callsEach; number++) {
      if (random.integer(20) === 0) watchFrom(store)
      if (random.integer(80) === 0) await store.compact(Math.max(0, store.revision - 60))
      for (let pause = random.integer(4); pause > 0; pause--) await new Promise((resolve) => setImmediate(resolve))
      const input = anyInput(random, `/${random.integer(keys)}`, `${client}.${number}`, seen)
      const output = await make(client, store, input)
      if (output.type === 'done') seen.set(input.key, output.revision)
      else if (output.type !== 'unknown') seen.set(input.key, output.standing?.modRevision ?? 0)
    }
  }

  await Promise.all(Array.from({ length: clients }, (_, client) => run(client)))
  // A last write to each key, so that it is known where each watch ends.
  for (let key = 0; key < keys; key++)
    await make(clients, stores[0] as Store, { type: 'put', key: `/${key}`, value: 'end' })
  const watches: Watched[] = []
  for (const { prefix, recording } of recordings) {
    const last = calls.findLast(({ input }) => input.key.startsWith(prefix))?.output
    const upTo = last?.type === 'done' ? await endOf(recording, last.revision, patienceMs) : 0
    recording.stop()
    watches.push({ prefix, after: recording.after, upTo, events: recording.events })
  }
  return { calls, watches }
}

/**
 * The revision up to which the watch must have told everything: that of the last write, or the last one before history
 * was taken from under it.
 */
async function endOf(recording: Recording, last: number, patienceMs: number): Promise<number> {
  const told = (): number => recording.events.at(-1)?.revision ?? recording.after
  const deadline = performance.now() + patienceMs
  while (recording.error === undefined && told() < last && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 5))
  if (recording.error === undefined) return last
  if (recording.error.code !== 'Compacted') throw recording.error
  return told()
}

function anyInput(random: Random, key: string, value: string, seen: ReadonlyMap<string, number>): Input {
  const expected = seen.get(key) ?? 0
  switch (random.integer(7)) {
    case 0:
    case 1:
      return { type: 'get', key }
    case 2:
      return { type: 'put', key, value }
    case 3:
      return { type: 'delete', key }
    case 4:
      return { type: 'delete', key, expected }
    default:
      return { type: 'put', key, value, expected }
  }
}

async function answerTo(store: Store, input: Input): Promise<Output> {
  if (input.type === 'get') return { type: 'read', standing: standingOf(await store.get(input.key)) }
  const operation: Operation = input.type === 'put' ? { ...input, value: new TextEncoder().encode(input.value) } : input
  try {
    return { type: 'done', revision: (await store.commit([operation])).revision }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    if (error.code === 'Conflict') return { type: 'conflict', standing: standingOf(error.conflict?.current) }
    if (error.code === 'Unavailable') return { type: 'unknown' }
    throw error
  }
}

const standingOf = (entry: Entry | undefined): Standing | undefined =>
  entry === undefined ? undefined : { value: text(entry.value) ?? '', modRevision: entry.modRevision }
