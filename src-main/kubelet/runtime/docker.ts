/** The container runtime of real workers: a Docker Engine, driven by its HTTP API through the machine. Only this folder knows Docker. */
import { PassThrough, pipeline, type Readable } from 'node:stream'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { Machine } from '../../machines/machine.ts'
import { DockerConnection, readAll } from './docker/connection.ts'
import { containerBody, resourcesBody, type EngineLimits } from './docker/container-body.ts'
import { watchEvents } from './docker/events.ts'
import { FrameStripper } from './docker/frames.ts'
import { observe, type Inspection } from './docker/inspection.ts'
import { dockerName, ownedLabel } from './docker/labels.ts'
import { attachToContainer, execInContainer } from './docker/processes.ts'
import { watchUsage } from './docker/usage.ts'
import {
  isRuntimeError,
  RuntimeError,
  type ContainerConfig,
  type ContainerRuntime,
  type ImageInfo,
  type ObservedContainer,
  type RuntimeInfo,
  type RuntimeLogOptions,
} from './runtime.ts'

export interface DockerRuntimeOptions {
  readonly machine: Machine
  readonly clock: Clock
  readonly random: Random
}

interface EngineInfo {
  readonly ServerVersion: string
  readonly KernelVersion: string
  readonly OperatingSystem: string
  readonly Architecture: string
  readonly ID: string
}

interface EngineImage {
  readonly Id: string
  readonly RepoTags?: readonly string[] | null
  readonly RepoDigests?: readonly string[] | null
  readonly Size: number
  /** Not in lists. */
  readonly Config?: { readonly User?: string } | null
}

const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }

export function createDockerRuntime(options: DockerRuntimeOptions): ContainerRuntime {
  const { machine, clock, random } = options
  const docker = new DockerConnection(machine)
  let limits: Promise<EngineLimits> | undefined
  /** Asked once; a failure is asked again by the next container. */
  const engineLimits = (): Promise<EngineLimits> => {
    limits ??= findLimits(machine).catch((error: unknown) => {
      limits = undefined
      throw new RuntimeError('Unavailable', `${machine.name} cannot be reached`, error)
    })
    return limits
  }
  const inspect = (id: string): Promise<ObservedContainer | undefined> =>
    orAbsent(docker.json<Inspection>({ method: 'GET', path: `/containers/${id}/json` }).then(observe))

  return {
    info: () => engineInfo(docker),
    list: () => listContainers(docker, inspect),
    inspect,
    async create(config) {
      const body = containerBody(config, await engineLimits())
      return createContainer(docker, config, body)
    },
    async start(id) {
      await docker.json({ method: 'POST', path: `/containers/${id}/start` })
    },
    async stop(id, graceSeconds) {
      await orAbsent(
        docker.json({ method: 'POST', path: `/containers/${id}/stop`, query: { t: Math.ceil(graceSeconds) } }),
      )
    },
    async resize(id, resources) {
      await docker.json<unknown>({ method: 'POST', path: `/containers/${id}/update`, body: resourcesBody(resources) })
    },
    async remove(id) {
      await orAbsent(docker.json({ method: 'DELETE', path: `/containers/${id}`, query: { force: 1, v: 1 } }))
    },
    async images() {
      return (await docker.json<EngineImage[]>({ method: 'GET', path: '/images/json' })).map(imageInfo)
    },
    findImage: (name) =>
      orAbsent(
        docker.json<EngineImage>({ method: 'GET', path: `/images/${encodeURIComponent(name)}/json` }).then(imageInfo),
      ),
    pull: (name, signal) => pullImage(docker, name, signal),
    async loadImage(archive) {
      const body = archive instanceof Uint8Array ? archive : await readAll(archive)
      await docker.json<unknown>({ method: 'POST', path: '/images/load', query: { quiet: 1 }, body })
    },
    logs: (id, logOptions, signal) => readLog(docker, id, logOptions, signal),
    exec: (id, command, streams, signal) => execInContainer(docker, id, command, streams, signal),
    attach: (id, streams, signal) => attachToContainer(docker, id, streams, signal),
    usage: (id, listener) => watchUsage(docker, id, listener),
    watch: (listener) => watchEvents(docker, clock, random, listener),
    dispose: () => docker.dispose(),
  }
}

async function engineInfo(docker: DockerConnection): Promise<RuntimeInfo> {
  const info = await docker.json<EngineInfo>({ method: 'GET', path: '/info' })
  return {
    name: 'docker',
    version: info.ServerVersion,
    kernelVersion: info.KernelVersion,
    osImage: info.OperatingSystem,
    architecture: architectures[info.Architecture] ?? info.Architecture,
    machineId: info.ID,
  }
}

async function listContainers(
  docker: DockerConnection,
  inspect: (id: string) => Promise<ObservedContainer | undefined>,
): Promise<ObservedContainer[]> {
  const filters = JSON.stringify({ label: [ownedLabel] })
  const found = await docker.json<{ Id: string }[]>({
    method: 'GET',
    path: '/containers/json',
    query: { all: 1, filters },
  })
  const observed = await Promise.all(found.map(({ Id: id }) => inspect(id)))
  return observed.filter((one) => one !== undefined)
}

async function createContainer(docker: DockerConnection, config: ContainerConfig, body: object): Promise<string> {
  const name = dockerName(config.identity)
  const create = (): Promise<{ Id: string }> =>
    docker.json({ method: 'POST', path: '/containers/create', query: { name }, body })
  try {
    return (await create()).Id
  } catch (error) {
    if (!isRuntimeError(error, 'Conflict')) throw error
    // A create whose answer was lost left this name behind; that container never started.
    await orAbsent(docker.json({ method: 'DELETE', path: `/containers/${name}`, query: { force: 1, v: 1 } }))
    return (await create()).Id
  }
}

/** The engine answers 200 as soon as it begins; the failure, if any, is in the progress that follows. */
async function pullImage(docker: DockerConnection, name: string, signal: AbortSignal): Promise<void> {
  const query = name.includes('@') || /:[^/]+$/.test(name) ? { fromImage: name } : { fromImage: name, tag: 'latest' }
  try {
    const response = await docker.stream({ method: 'POST', path: '/images/create', query, signal })
    const lines = (await readAll(response))
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
    const failure = lines
      .map((line) => (JSON.parse(line) as { error?: string }).error)
      .find((error) => error !== undefined)
    if (failure !== undefined) throw new RuntimeError('ImageUnavailable', failure)
  } catch (error) {
    if (isRuntimeError(error, 'Failed', 'NotFound', 'Invalid'))
      throw new RuntimeError('ImageUnavailable', error.message)
    throw error
  }
}

async function readLog(
  docker: DockerConnection,
  id: string,
  options: RuntimeLogOptions,
  signal: AbortSignal,
): Promise<Readable> {
  const { Config: config } = await docker.json<Inspection>({ method: 'GET', path: `/containers/${id}/json` })
  const response = await docker.stream({
    method: 'GET',
    path: `/containers/${id}/logs`,
    query: {
      stdout: 1,
      stderr: 1,
      follow: options.follow ? 1 : undefined,
      timestamps: options.timestamps ? 1 : undefined,
      tail: options.tailLines,
      since: options.since === undefined ? undefined : (options.since / 1000).toFixed(3),
    },
    signal,
  })
  const plain = config.Tty ? new PassThrough() : new FrameStripper()
  // An aborted or broken source ends what the reader sees; `pipeline` destroys it with the error.
  return pipeline(response, plain, () => undefined)
}

/** Whether dockerd may raise limits: without CAP_SYS_RESOURCE (bit 24) it may not. */
async function findLimits(machine: Machine): Promise<EngineLimits> {
  const { stdout } = await machine.exec(['sh', '-c', 'grep ^CapBnd: /proc/1/status'])
  const mask = BigInt(`0x${/[0-9a-f]+\s*$/.exec(stdout)?.[0].trim() ?? 'ffffffffffffffff'}`)
  return { restricted: ((mask >> 24n) & 1n) === 0n }
}

function imageInfo(image: EngineImage): ImageInfo {
  return {
    id: image.Id,
    // The engine writes `<none>:<none>` for an image whose name another one has taken.
    names: [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].filter((name) => !name.startsWith('<none>')),
    sizeBytes: image.Size,
    user: image.Config?.User ?? '',
  }
}

async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isRuntimeError(error, 'NotFound')) return undefined
    throw error
  }
}
