import type { ObservedContainer } from './runtime/runtime.ts'
import { note } from './pod-containers.ts'

const initialMs = 10_000
const maximumMs = 300_000
/** A container that ran this long is well again: its next end counts as the first. */
const healthyMs = 600_000

/** How many ends in a row there are when this one has ended. */
export function crashesAfter(ended: ObservedContainer): number {
  const before = Number(ended.notes[note.crashes] ?? 0)
  const { startedAt, finishedAt } = ended
  const ran = startedAt === undefined || finishedAt === undefined ? 0 : finishedAt - startedAt
  return ran >= healthyMs ? 1 : before + 1
}

/** The first restart is immediate, the second waits 10 s, each further one twice as long, 5 minutes at most. */
export function restartDelayMs(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(maximumMs, initialMs * 2 ** (crashes - 2))
}

/** When the next container may start, in Unix milliseconds. */
export function restartAt(ended: ObservedContainer): number {
  return (ended.finishedAt ?? ended.createdAt) + restartDelayMs(crashesAfter(ended))
}
