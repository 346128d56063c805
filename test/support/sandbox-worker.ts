/** One sandbox worker with the bundled images, for tests of what runs on it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDockerRuntime } from '../../src-main/kubelet/runtime/docker.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { bundledImages } from '../../src-main/machines/images.ts'
import type { Machine } from '../../src-main/machines/machine.ts'
import type { MachineSpec, ProviderContext } from '../../src-main/machines/provider.ts'
import { createSandboxProvider } from '../../src-main/machines/providers/sandbox/provider.ts'

export interface SandboxWorker {
  readonly machine: Machine
  /** Takes the worker and everything of it away. */
  destroy(): Promise<void>
}

/** `subnet`: the first three numbers of a network that no other test uses. */
export async function startSandboxWorker(name: string, subnet: string): Promise<SandboxWorker> {
  const resourcesFolder = join(import.meta.dirname, '../../resources')
  const context: ProviderContext = {
    labFolder: await mkdtemp(join(tmpdir(), 'orrery-worker-')),
    labId: `t${systemRandom.suffix(4)}`,
    networks: { machines: `${subnet}.0/24`, pods: '10.244.0.0/16', services: '10.96.0.0/16' },
  }
  const parts = { clock: systemClock, random: systemRandom }
  const provider = createSandboxProvider(context, { ...parts, log: silentLog, resourcesFolder })
  const spec: MachineSpec = { name, address: `${subnet}.11`, cpus: 2, memoryBytes: 2 ** 30 }
  const destroy = async (): Promise<void> => {
    await provider.destroy(name)
    await provider.cleanUp()
    await rm(context.labFolder, { recursive: true, force: true })
  }
  try {
    await provider.create(spec, () => undefined)
    const machine = await provider.start(spec, () => undefined)
    await loadImages(machine, resourcesFolder)
    return {
      machine,
      async destroy() {
        await machine.dispose()
        await destroy()
      },
    }
  } catch (error) {
    await destroy()
    throw error
  }
}

async function loadImages(machine: Machine, resourcesFolder: string): Promise<void> {
  const runtime = createDockerRuntime({ machine, clock: systemClock, random: systemRandom })
  const images = await bundledImages({ busyboxPath: '/bin/busybox', resourcesFolder })
  await Promise.all(images.map(({ archive }) => runtime.loadImage(archive)))
  await runtime.dispose()
}
