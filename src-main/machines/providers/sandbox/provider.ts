/** Workers that are namespaces of this host, each with its own network, file system, sshd and dockerd. Linux, root. */
import type { MachineProvider, ProviderContext } from '../../provider.ts'
import { checkAvailable } from './available.ts'
import { createWorker } from './create.ts'
import { destroyWorker, listWorkers, removeShared } from './destroy.ts'
import { createSandbox, type ProviderDependencies } from './sandbox.ts'
import { startWorker } from './start.ts'
import { stopWorker } from './stop.ts'

export function createSandboxProvider(context: ProviderContext, dependencies: ProviderDependencies): MachineProvider {
  const sandbox = createSandbox(context, dependencies)
  return {
    name: 'sandbox',
    available: () => checkAvailable(sandbox),
    create: (spec, report) => createWorker(sandbox, spec, report),
    start: (spec, report) => startWorker(sandbox, spec, report),
    stop: (name) => stopWorker(sandbox, name),
    destroy: (name) => destroyWorker(sandbox, name),
    list: () => listWorkers(sandbox),
    cleanUp: () => sandbox.alone(() => removeShared(sandbox)),
  }
}
