/** A client on a bad day: requests fail before or after they are carried out, and news comes late. Seeded. */
import { modified, serviceUnavailable } from '../../src-main/api/errors.ts'
import type { Client } from '../../src-main/client/client.ts'
import type { Clock } from '../../src-main/lib/clock.ts'
import type { Random } from '../../src-main/lib/random.ts'

export interface Faults {
  /** The share of writes that fail, 0 to 1. */
  readonly rate: number
  /** How late watch events come, at most. */
  readonly latestMs: number
  /** The share of watch events that come twice; absent: none. */
  readonly duplicates?: number
  /** Ends the bad day. */
  over: boolean
}

export function faultyClient(client: Client, faults: Faults, clock: Clock, random: Random): Client {
  const risk = async <T>(write: () => Promise<T>): Promise<T> => {
    if (faults.over || random.next() >= faults.rate) return write()
    const what = random.integer(3)
    if (what === 0) throw modified({ group: '', plural: 'things' }, 'somebody')
    if (what === 1) throw serviceUnavailable('not now')
    await write()
    throw serviceUnavailable('the answer was lost')
  }
  return {
    ...client,
    create: (...all) => risk(() => client.create(...all)),
    update: (...all) => risk(() => client.update(...all)),
    patch: (...all) => risk(() => client.patch(...all)),
    delete: (...all) => risk(() => client.delete(...all)),
    post: (...all) => risk(() => client.post(...all)),
    async *watch(kind, options) {
      for await (const event of client.watch(kind, options)) {
        if (!faults.over && random.next() < 0.3)
          await clock.sleep(random.integer(faults.latestMs), options.signal).catch(() => undefined)
        yield event
        if (!faults.over && random.next() < (faults.duplicates ?? 0)) yield event
      }
    },
  }
}
