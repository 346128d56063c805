/** Workers that are only names: for trying a large lab, and for hosts that can run no containers. Works everywhere. */
import type { MachineProvider } from '../../provider.ts'
import { checkAvailable } from './available.ts'
import { createWorker } from './create.ts'
import { destroyWorker } from './destroy.ts'
import { startWorker } from './start.ts'
import { stopWorker } from './stop.ts'

export function createSimulatedProvider(): MachineProvider {
  return {
    name: 'simulated',
    available: checkAvailable,
    create: createWorker,
    start: startWorker,
    stop: stopWorker,
    destroy: destroyWorker,
    list: () => Promise.resolve([]),
    cleanUp: () => Promise.resolve(),
  }
}
