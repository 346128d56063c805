/** What every step of the sandbox provider is given. */
import type { Clock } from '../../../lib/clock.ts'
import type { Log } from '../../../lib/log.ts'
import type { Random } from '../../../lib/random.ts'
import type { ProviderContext } from '../../provider.ts'
import { layoutOf, type LabLayout } from './layout.ts'

export interface ProviderDependencies {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Where `resources/` of the repository lies at run time. */
  readonly resourcesFolder: string
}

export interface Sandbox extends ProviderDependencies {
  readonly context: ProviderContext
  readonly lab: LabLayout
  /** Runs work that touches what all workers share, one piece at a time. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

export function createSandbox(context: ProviderContext, dependencies: ProviderDependencies): Sandbox {
  let tail: Promise<unknown> = Promise.resolve()
  return {
    ...dependencies,
    context,
    lab: layoutOf(context),
    alone(work) {
      const result = tail.then(work, work)
      tail = result.catch(() => undefined)
      return result
    },
  }
}
