import { hostHierarchies, removeCgroups } from './cgroups.ts'
import { workerLayout } from './layout.ts'
import { disconnectWorker } from './namespaces.ts'
import { endProcesses } from './processes.ts'
import type { Sandbox } from './sandbox.ts'

/** Ends the worker and takes its cable, its namespaces and its groups away; its disk stays. */
export async function stopWorker(sandbox: Sandbox, name: string, graceful = true): Promise<void> {
  const worker = workerLayout(sandbox.lab, name)
  await endProcesses(sandbox, worker.cgroup, graceful)
  await disconnectWorker(worker.namespace)
  await removeCgroups(await hostHierarchies(), worker.cgroup, sandbox.clock)
}
