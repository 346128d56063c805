/** Remembers beside the store how far it had come, so that an older state in its place is noticed. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Store } from '../store/store.ts'
import { writePrivateFile } from './key-files.ts'

const noteFile = (labPath: string): string => join(labPath, 'revision')
const pauseMs = 10_000

/** A revision that the lab's store has had; 0 when none is known. */
export async function notedRevision(labPath: string): Promise<number> {
  const text = await readFile(noteFile(labPath), 'utf8').catch(() => '')
  const revision = Number(text)
  return Number.isSafeInteger(revision) ? revision : 0
}

/** For a store that begins anew. */
export const forgetRevision = (labPath: string): Promise<void> => rm(noteFile(labPath), { force: true })

/** Notes the store's revision every now and then, and at the end. */
export function keepRevisionNote(options: {
  readonly store: Store
  readonly labPath: string
  readonly clock: Clock
  readonly log: Log
}): Disposable {
  const { store, labPath, clock, log } = options
  const stopped = new AbortController()
  let noted = -1
  const note = async (): Promise<void> => {
    const { revision } = store
    if (revision === noted) return
    try {
      await writePrivateFile(noteFile(labPath), `${revision}\n`)
      noted = revision
    } catch (error) {
      log.warn(`the store's revision could not be noted: ${describeError(error)}`)
    }
  }
  const run = async (): Promise<void> => {
    for (;;) {
      await note()
      await clock.sleep(pauseMs, stopped.signal)
    }
  }
  // Only stopping ends the loop.
  const ended = run().catch(() => undefined)
  return {
    async dispose() {
      stopped.abort()
      await ended
      await note()
    },
  }
}
