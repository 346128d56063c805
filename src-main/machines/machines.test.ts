import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../test/support/api-server.ts'
import { event as eventKind } from '../api/kinds/core/event.ts'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { lab as labKind } from '../api/kinds/lab/lab.ts'
import { machine as machineKind } from '../api/kinds/lab/machine.ts'
import type { Live } from '../api/meta/object.ts'
import type { Lab, Machine as MachineObject } from '../api/types/lab-v1.ts'
import { silentProbe } from '../glass/probe.ts'
import type { Disposable } from '../lib/disposable.ts'
import { Emitter } from '../lib/emitter.ts'
import { silentLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { MachineError, type Machine } from './machine.ts'
import { startMachines } from './machines.ts'
import type { MachineProvider, MachineSpec } from './provider.ts'
import { createSimulatedMachine } from './providers/simulated/machine.ts'

/** A provider that remembers what was asked of it and fails on demand. */
class FakeProvider implements MachineProvider {
  readonly name = 'fake'
  readonly asked: string[] = []
  readonly specs = new Map<string, MachineSpec>()
  readonly connections = new Map<string, Emitter<boolean>>()
  failure: Error | undefined

  available(): ReturnType<MachineProvider['available']> {
    return Promise.resolve({ available: true })
  }
  create(spec: MachineSpec): Promise<void> {
    this.asked.push(`create ${spec.name}`)
    this.specs.set(spec.name, spec)
    return Promise.resolve()
  }
  start(spec: MachineSpec, report: (step: string) => void): Promise<Machine> {
    this.asked.push(`start ${spec.name}`)
    report('Boot')
    if (this.failure !== undefined) return Promise.reject(this.failure)
    report('Connect by SSH')
    const connection = new Emitter<boolean>()
    this.connections.set(spec.name, connection)
    return Promise.resolve({ ...createSimulatedMachine(spec), onConnection: (listener) => connection.on(listener) })
  }
  stop(name: string): Promise<void> {
    this.asked.push(`stop ${name}`)
    return Promise.resolve()
  }
  destroy(name: string): Promise<void> {
    this.asked.push(`destroy ${name}`)
    this.specs.delete(name)
    return Promise.resolve()
  }
  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.specs.keys()])
  }
  cleanUp(): Promise<void> {
    this.asked.push('cleanUp')
    return Promise.resolve()
  }
}

describe('labs and machines', () => {
  let test: TestServer
  let provider: FakeProvider
  let machines: Disposable
  let attached: Set<string>

  const start = (): Disposable =>
    startMachines({
      client: test.client,
      providers: [provider],
      networks: { machines: '10.77.0.0/24', pods: '10.244.0.0/16', services: '10.96.0.0/16' },
      attach: (machine, _object, report) => {
        report('Start kubelet')
        attached.add(machine.name)
        return Promise.resolve({ dispose: () => void attached.delete(machine.name) })
      },
      clock: test.clock,
      random: seededRandom(7),
      log: silentLog,
      probe: silentProbe,
    })
  const lab = (): Promise<Live<Lab>> => test.client.get(labKind, { name: 'default' })
  const worker = (name = 'worker-1'): Promise<Live<MachineObject>> => test.client.get(machineKind, { name })
  const patchLab = (spec: object): Promise<Live<Lab>> =>
    test.client.patch(labKind, { name: 'default' }, { type: 'merge', patch: { spec } })
  const labIs = (phase: string): Promise<void> =>
    test.clock.advanceUntil(async () => (await lab()).status?.phase === phase, 120_000)

  beforeEach(async () => {
    test = await startTestServer()
    provider = new FakeProvider()
    attached = new Set()
    await test.client.create(labKind, { metadata: { name: 'default' }, spec: { provider: 'fake', workers: 2 } })
    machines = start()
  })
  afterEach(async () => {
    await machines.dispose()
    await test.server.dispose()
  })

  it('brings up the workers that a lab asks for, and lists every step', async () => {
    await labIs('Ready')
    expect([...attached].sort()).toEqual(['worker-1', 'worker-2'])
    const { spec, status } = await worker('worker-2')
    expect(spec?.address).toBe('10.77.0.12')
    expect(status).toMatchObject({ phase: 'Ready', connected: true })
    expect(status?.steps?.map(({ name, state }) => [name, state])).toEqual([
      ['Check the host', 'Done'],
      ['Boot', 'Done'],
      ['Connect by SSH', 'Done'],
      ['Start kubelet', 'Done'],
    ])
    expect(provider.specs.get('worker-1')).toMatchObject({ cpus: 2, memoryBytes: 2 ** 31 })
    expect((await lab()).status?.readyWorkers).toBe(2)
  })

  it('tells why a worker does not start, and tries again', async () => {
    provider.failure = new MachineError('Timeout', 'worker-1: Docker does not answer', new Error('socket closed'))
    await labIs('Failed')
    await test.clock.advanceUntil(async () => (await worker()).status?.phase === 'Failed')
    const { status } = await worker()
    expect(status?.message).toBe('worker-1: Docker does not answer: socket closed')
    expect(status?.steps?.at(-1)).toMatchObject({ name: 'Boot', state: 'Failed', message: status?.message })
    const events = await test.client.list(eventKind)
    expect(events.items.map(({ reason, type }) => [reason, type])).toContainEqual(['StartFailed', 'Warning'])
    provider.failure = undefined
    await labIs('Ready')
    expect((await worker()).status?.message).toBeUndefined()
  })

  it('takes a worker away that is not wanted any more, and cleans up after the last', async () => {
    await labIs('Ready')
    await test.client.create(nodeKind, { metadata: { name: 'worker-2' } })
    await patchLab({ workers: 1 })
    await test.clock.advanceUntil(async () => (await test.client.list(machineKind)).items.length === 1)
    expect(provider.asked).toContain('destroy worker-2')
    expect(provider.asked).not.toContain('cleanUp')
    expect([...attached]).toEqual(['worker-1'])
    expect((await test.client.list(nodeKind)).items).toEqual([])
    await patchLab({ workers: 0 })
    await test.clock.advanceUntil(() => provider.asked.includes('cleanUp'))
  })

  it('stops and starts with the power of the lab', async () => {
    await labIs('Ready')
    await patchLab({ power: 'Off' })
    await test.clock.advanceUntil(async () => (await worker()).status?.phase === 'Stopped')
    expect(attached.size).toBe(0)
    expect(provider.asked).toContain('stop worker-1')
    await labIs('Off')
    await patchLab({ power: 'On' })
    await labIs('Ready')
    expect(attached.size).toBe(2)
  })

  it('says that a connection is lost, and when it is back', async () => {
    await labIs('Ready')
    provider.connections.get('worker-1')?.emit(false)
    await labIs('Degraded')
    expect((await worker()).status).toMatchObject({ phase: 'Lost', connected: false })
    provider.connections.get('worker-1')?.emit(true)
    await labIs('Ready')
    expect((await worker()).status).toMatchObject({ phase: 'Ready', connected: true })
    expect(provider.asked.filter((one) => one === 'start worker-1')).toHaveLength(1)
  })

  it('starts a worker again whose connection does not come back', async () => {
    await labIs('Ready')
    provider.connections.get('worker-1')?.emit(false)
    await labIs('Degraded')
    await labIs('Ready')
    expect(provider.asked.filter((one) => one === 'start worker-1')).toHaveLength(2)
  })

  it('leaves the workers running when the app ends, and takes them up again', async () => {
    await labIs('Ready')
    await machines.dispose()
    expect(attached.size).toBe(0)
    expect(provider.asked.filter((one) => !/^(create|start) /.test(one))).toEqual([])
    machines = start()
    await test.clock.advanceUntil(() => attached.size === 2)
  })

  it('names a provider that does not exist', async () => {
    await test.client.create(machineKind, {
      metadata: { name: 'odd' },
      spec: { provider: 'none', address: '10.77.0.99', cpus: 1, memory: '1Gi' },
    })
    await test.clock.advanceUntil(async () => (await worker('odd')).status?.phase === 'Failed')
    expect((await worker('odd')).status?.message).toContain('fake')
  })
})
