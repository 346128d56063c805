/** What every container runtime promises the kubelet. */
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  ContainerConfig,
  ContainerRuntime,
  ObservedContainer,
  RuntimeEvent,
  UsageSample,
} from '../../src-main/kubelet/runtime/runtime.ts'

export interface RuntimeUnderTest {
  readonly runtime: ContainerRuntime
  /** Lets time pass until the condition holds: real time, or virtual. */
  until(condition: () => Promise<boolean>): Promise<void>
  dispose(): Promise<void>
}

const image = 'orrery.dev/busybox:1'

function aConfig(name: string, more: Partial<ContainerConfig> = {}): ContainerConfig {
  return {
    identity: { podUid: 'uid-1', podNamespace: 'default', podName: 'pod-1', role: 'app', container: name, attempt: 2 },
    notes: { colour: 'blue' },
    image,
    command: ['sleep', '1000'],
    env: [],
    network: { type: 'none' },
    mounts: [],
    resources: {},
    security: {},
    stdin: false,
    stdinOnce: false,
    tty: false,
    ...more,
  }
}

export function describeRuntime(name: string, start: () => Promise<RuntimeUnderTest>, missing?: string): void {
  describe.skipIf(missing !== undefined)(
    `container runtime: ${name}${missing === undefined ? '' : ` (${missing})`}`,
    () => {
      let under: RuntimeUnderTest
      const runtime = (): ContainerRuntime => under.runtime
      const now = async (id: string): Promise<ObservedContainer> => {
        const found = await runtime().inspect(id)
        if (found === undefined) throw new Error(`${id} is gone`)
        return found
      }
      /** `start` may wait for time, which the test lets pass. */
      const started = async (config: ContainerConfig): Promise<string> => {
        const id = await runtime().create(config)
        const starting = runtime().start(id)
        await under.until(async () => (await now(id)).state !== 'created')
        await starting
        return id
      }

      beforeAll(async () => {
        under = await start()
      }, 120_000)
      afterAll(() => under.dispose(), 60_000)

      it('says what it is', async () => {
        const info = await runtime().info()
        expect(info.name).toMatch(/^[a-z]+$/)
        expect(info.architecture).toMatch(/^(amd64|arm64)$/)
      })

      it('knows the images that are there, and no others', async () => {
        expect((await runtime().findImage(image))?.id).toMatch(/^sha256:/)
        expect(await runtime().findImage('example.com/none:1')).toBeUndefined()
      })

      it('keeps who a container is, through its whole life', async () => {
        const id = await runtime().create(aConfig('life'))
        expect(await now(id)).toMatchObject({ id, state: 'created', image, notes: { colour: 'blue' }, pid: 0 })
        expect((await now(id)).identity).toEqual(aConfig('life').identity)
        const starting = runtime().start(id)
        await under.until(async () => (await now(id)).state === 'running')
        await starting
        expect((await now(id)).pid).toBeGreaterThan(0)
        expect((await now(id)).startedAt).toBeGreaterThanOrEqual((await now(id)).createdAt - 1000)
        await runtime().stop(id, 0)
        const ended = await now(id)
        expect(ended).toMatchObject({ state: 'exited', pid: 0 })
        expect(ended.exitCode).not.toBe(0)
        expect(ended.finishedAt).toBeGreaterThanOrEqual(ended.startedAt ?? Infinity)
        await runtime().remove(id)
        expect(await runtime().inspect(id)).toBeUndefined()
      })

      it('tells how a process has ended', async () => {
        const id = await started(aConfig('code', { command: ['sh', '-c', 'exit 3'] }))
        await under.until(async () => (await now(id)).state === 'exited')
        expect(await now(id)).toMatchObject({ exitCode: 3, outOfMemory: false })
        await runtime().remove(id)
      })

      it('lets nobody wait for the output of a process that has ended', async () => {
        const id = await started(aConfig('mute', { command: ['sh', '-c', 'exit 0'] }))
        await under.until(async () => (await now(id)).state === 'exited')
        const streams = { tty: false, stdout: new PassThrough() }
        await expect(runtime().attach(id, streams, new AbortController().signal)).rejects.toMatchObject({
          name: 'RuntimeError',
        })
        await runtime().remove(id)
      })

      it('lists what is ours, running or not', async () => {
        const ids = [await runtime().create(aConfig('one')), await started(aConfig('two'))]
        const listed = (await runtime().list()).map(({ id }) => id)
        expect(listed).toEqual(expect.arrayContaining(ids))
        for (const id of ids) await runtime().remove(id)
        expect(await runtime().list()).toEqual([])
      })

      it('says that it is connected, and then what happens', async () => {
        const events: RuntimeEvent[] = []
        const watching = runtime().watch((event) => events.push(event))
        await under.until(async () => events[0]?.type === 'connected')
        const id = await started(aConfig('seen', { command: ['sh', '-c', 'true'] }))
        const actions = (): string[] =>
          events.flatMap((event) => (event.type === 'container' && event.id === id ? [event.action] : []))
        await under.until(async () => actions().includes('die'))
        await runtime().remove(id)
        await under.until(async () => actions().includes('destroy'))
        expect(actions().filter((action) => ['create', 'start', 'die', 'destroy'].includes(action))).toEqual([
          ...['create', 'start', 'die', 'destroy'],
        ])
        await watching.dispose()
      })

      it('tells what a running container uses, sample by sample', async () => {
        const id = await started(aConfig('usage'))
        const samples: UsageSample[] = []
        const following = runtime().usage(id, (sample) => samples.push(sample))
        await under.until(async () => samples.length >= 2)
        await following.dispose()
        const [first, second] = samples
        expect(second!.atMs).toBeGreaterThan(first!.atMs)
        expect(second!.cpuNanoseconds).toBeGreaterThanOrEqual(first!.cpuNanoseconds)
        expect(second!.memoryBytes).toBeGreaterThan(0)
        await runtime().remove(id)
      })

      it('does nothing where there is nothing to stop or remove', async () => {
        await runtime().stop('f'.repeat(64), 1)
        await runtime().remove('f'.repeat(64))
        await expect(runtime().start('f'.repeat(64))).rejects.toMatchObject({ code: 'NotFound' })
      })
    },
  )
}
