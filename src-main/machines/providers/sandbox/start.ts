import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitForDocker } from '../../docker-ready.ts'
import { MachineError, type Machine } from '../../machine.ts'
import { connectStep, type MachineSpec, type ReportStep } from '../../provider.ts'
import { serveRegistryProxy } from '../../registry-proxy.ts'
import { connect } from '../../ssh/connect.ts'
import { hostHierarchies, makeCgroups, type JoinedGroup } from './cgroups.ts'
import { hostEnvironment } from './commands.ts'
import { readSpec, writeSpec } from './create.ts'
import type { Hierarchy } from './hierarchies.ts'
import { workerLayout, type WorkerLayout } from './layout.ts'
import { connectWorker, ensureSwitch } from './namespaces.ts'
import { endProcesses, findInit } from './processes.ts'
import type { Sandbox } from './sandbox.ts'

const bootPatienceMs = 60_000
const dockerPatienceMs = 60_000

/** Boots the worker, or adopts it when it runs with this spec, and connects to it. */
export async function startWorker(sandbox: Sandbox, spec: MachineSpec, report: ReportStep): Promise<Machine> {
  const { lab } = sandbox
  const worker = workerLayout(lab, spec.name)
  const made = await readSpec(worker)
  if (made === undefined) throw new MachineError('NotFound', `${spec.name}: the worker was not created`)
  const hierarchies = await hostHierarchies()
  const runs = (await findInit(hierarchies, worker.cgroup)) !== undefined
  const failed = new AbortController()
  if (runs && made.address === spec.address) {
    report('Adopt the running worker')
  } else {
    report('Connect to the network')
    await endProcesses(sandbox, worker.cgroup, runs)
    await sandbox.alone(() => ensureSwitch(sandbox))
    await connectWorker(sandbox, worker.namespace, spec.address)
    report('Boot')
    const groups = await sandbox.alone(() => makeCgroups(hierarchies, lab.cgroup, worker.cgroup, spec))
    await writeSpec(worker, spec)
    await boot(sandbox, worker, spec, hierarchies, groups, failed)
  }
  report(connectStep)
  const machine = await connectTo(sandbox, worker, spec, failed.signal)
  try {
    report('Wait for Docker')
    await waitForDocker(machine, sandbox.clock, dockerPatienceMs)
    // Not waited for: a worker is good without registries.
    void serveRegistryProxy({ machine, clock: sandbox.clock, random: sandbox.random, log: sandbox.log })
    return machine
  } catch (error) {
    await machine.dispose()
    throw error
  }
}

/** Starts the worker's processes in a session of their own: they outlive the app. */
async function boot(
  { resourcesFolder }: Sandbox,
  worker: WorkerLayout,
  { name }: MachineSpec,
  hierarchies: readonly Hierarchy[],
  groups: readonly JoinedGroup[],
  failed: AbortController,
): Promise<void> {
  const mounts = hierarchies.map(({ place, options }, index) => {
    const { outside = '', inside = '' } = groups[index] ?? {}
    return [outside, inside, place, options].join('|')
  })
  const script = join(resourcesFolder, 'node', 'sandbox-boot.sh')
  const console = await open(worker.console, 'w', 0o600)
  try {
    const child = spawn('/bin/sh', [script, worker.namespace, name, worker.folder, ...mounts], {
      detached: true,
      env: hostEnvironment,
      cwd: '/',
      stdio: ['ignore', console.fd, console.fd],
    })
    child.unref()
    const fail = (error: unknown): void => failed.abort(error)
    child.once('error', fail)
    child.once('exit', () => {
      void readFile(worker.console, 'utf8').then(
        (text) =>
          fail(
            new MachineError('Failed', `${name}: the worker does not boot: ${text.trim().split('\n').at(-1) ?? ''}`),
          ),
        fail,
      )
    })
  } finally {
    await console.close()
  }
}

async function connectTo(
  { lab, clock, random, log }: Sandbox,
  worker: WorkerLayout,
  { name, address }: MachineSpec,
  signal: AbortSignal,
): Promise<Machine> {
  return connect({
    name,
    host: address,
    port: 22,
    user: 'root',
    privateKey: await readFile(lab.keyFile, 'utf8'),
    hostKey: await readFile(worker.hostKeyPublicFile, 'utf8'),
    patienceMs: bootPatienceMs,
    signal,
    clock,
    random,
    log,
  })
}
