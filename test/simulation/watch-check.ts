/** Says whether recorded watches told what was written: in order, each change once, none left out. */
import type { StoreEvent } from '../../src-main/store/store.ts'
import { changesForSure, describe, type Call } from './linearizability.ts'

export interface Watched {
  readonly prefix: string
  readonly after: number
  /** The revision up to which it must have told everything. */
  readonly upTo: number
  readonly events: readonly StoreEvent[]
}

const textOf = (value: Uint8Array): string => new TextDecoder().decode(value)

/** `calls` are of one key each. An event must come from an acknowledged write, or from one that was never answered. */
export function watchAnomaly(calls: readonly Call[], watches: readonly Watched[]): string | undefined {
  const writes = Map.groupBy(
    calls.filter(({ input, output }) => input.type !== 'get' && output.type === 'done'),
    ({ output }) => (output.type === 'done' ? output.revision : 0),
  )
  const unanswered = new Set(
    calls.flatMap(({ input, output }) => (output.type === 'unknown' ? [`${input.type} ${input.key}`] : [])),
  )
  const told = new Map<number, StoreEvent>()
  for (const watched of watches) {
    const found =
      orderAnomaly(watched) ??
      watched.events.map((event) => originAnomaly(event, writes, unanswered, told)).find((text) => text !== undefined)
    if (found !== undefined) return found
  }
  for (const watched of watches) {
    const found = gapAnomaly(watched, writes, told)
    if (found !== undefined) return found
  }
  return undefined
}

function orderAnomaly({ after, events }: Watched): string | undefined {
  let newest = after
  for (const { type, key, revision } of events) {
    if (revision <= newest) return `a watch told ${type} ${key} at ${revision} after revision ${newest}`
    newest = revision
  }
  return undefined
}

function originAnomaly(
  event: StoreEvent,
  writes: ReadonlyMap<number, readonly Call[]>,
  unanswered: ReadonlySet<string>,
  told: Map<number, StoreEvent>,
): string | undefined {
  const { type, key, revision, entry } = event
  const seen = told.get(revision)
  if (
    seen !== undefined &&
    (seen.key !== key || seen.type !== type || textOf(seen.entry.value) !== textOf(entry.value))
  )
    return `two watches told different things of revision ${revision}: ${seen.key} and ${key}`
  told.set(revision, event)
  const candidates = writes.get(revision)
  if (candidates === undefined)
    return unanswered.has(`${type} ${key}`) ? undefined : `nobody wrote ${type} ${key} at ${revision}`
  // Deletes that found nothing were answered with a revision that is another's.
  const owner = candidates.find(({ input }) => changesForSure(input))
  const wrote = ({ input }: Call): boolean =>
    input.type === type && input.key === key && (input.type !== 'put' || input.value === textOf(entry.value))
  if (owner === undefined ? candidates.some(wrote) : wrote(owner)) return undefined
  return `a watch told ${type} ${key} at ${revision}, which was ${candidates.map(describe).join(' or ')}`
}

function gapAnomaly(
  { prefix, after, upTo, events }: Watched,
  writes: ReadonlyMap<number, readonly Call[]>,
  told: ReadonlyMap<number, StoreEvent>,
): string | undefined {
  const heard = new Set(events.map(({ revision }) => revision))
  const missed = (revision: number, key: string): boolean =>
    revision > after && revision <= upTo && key.startsWith(prefix) && !heard.has(revision)
  for (const [revision, candidates] of writes)
    for (const call of candidates)
      if (changesForSure(call.input) && missed(revision, call.input.key)) return `a watch skipped ${describe(call)}`
  for (const [revision, { type, key }] of told)
    if (missed(revision, key)) return `a watch skipped ${type} ${key} at ${revision}, which another one told`
  return undefined
}
