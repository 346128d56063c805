import type { Log } from '../lib/log.ts'
import type { MachineProvider } from './provider.ts'

export interface DestroyOptions {
  readonly providers: readonly MachineProvider[]
  /** Absent: every worker that the lab has left on this host. */
  readonly names?: readonly string[]
  readonly log: Log
}

/**
 * Removes a lab's workers without an API server, from what they left on the host alone; and what they shared, when none
 * is left. Resolves with the removed names; throws an AggregateError when some could not be removed, after it tried all.
 */
export async function destroyLabMachines({ providers, names, log }: DestroyOptions): Promise<readonly string[]> {
  const removed: string[] = []
  const failures: unknown[] = []
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      failures.push(error)
    }
  }
  for (const provider of providers) {
    const found = (await provider.list()).filter((name) => names?.includes(name) ?? true)
    await Promise.all(
      found.map((name) =>
        attempt(async () => {
          await provider.destroy(name)
          removed.push(name)
          log.info('a worker is removed', { machine: name, provider: provider.name })
        }),
      ),
    )
    if ((await provider.list()).length === 0) await attempt(() => provider.cleanUp())
  }
  if (failures.length > 0) throw new AggregateError(failures, 'some workers could not be removed')
  return removed.sort()
}
