import { afterEach, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../test/support/api-server.ts'
import { lease as leaseKind } from '../api/kinds/coordination/lease.ts'
import { node as nodeKind } from '../api/kinds/core/node.ts'
import { findCondition } from '../api/meta/conditions.ts'
import type { NodeCondition } from '../api/types/core-v1.ts'
import { silentLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { NodeReporter } from './node-reporter.ts'
import { createSimulatedRuntime } from './runtime/simulated.ts'

interface Reporting {
  readonly test: TestServer
  readonly reporter: NodeReporter
  problem: string | undefined
  reachable: boolean
  readonly told: string[]
  ready(): Promise<NodeCondition | undefined>
  renewed(): Promise<string | undefined>
}

let running: Reporting | undefined
afterEach(async () => {
  await running?.reporter.dispose()
  await running?.test.server.dispose()
})

async function reporting(): Promise<Reporting> {
  const test = await startTestServer()
  const { client, clock } = test
  const state = {
    test,
    problem: undefined as string | undefined,
    reachable: true,
    told: [] as string[],
    ready: async () => findCondition((await client.get(nodeKind, { name: 'one' })).status?.conditions, 'Ready'),
    renewed: async () => (await client.get(leaseKind, { name: 'one', namespace: 'kube-node-lease' })).spec?.renewTime,
  }
  const reporter = new NodeReporter({
    ...{ client, clock, log: silentLog, runtime: createSimulatedRuntime({ clock, random: seededRandom(1) }) },
    identity: {
      ...{ nodeName: 'one', address: '10.0.0.1', labels: { zone: 'a' }, version: 'v1.36.0' },
      capacity: { cpus: 2, memoryBytes: 2 ** 30, maxPods: 110 },
    },
    reachable: () => state.reachable,
    problem: () => state.problem,
    tell: (_node, { reason }) => void state.told.push(reason),
  })
  running = Object.assign(state, { reporter })
  await clock.advanceUntil(async () =>
    (await client.list(nodeKind)).items.some(({ status }) => status?.conditions !== undefined),
  )
  return running
}

it('registers the node with its labels, addresses and capacity', async () => {
  const { test, ready } = await reporting()
  const { metadata, status } = await test.client.get(nodeKind, { name: 'one' })
  expect(metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'one', 'kubernetes.io/arch': 'amd64', zone: 'a' })
  expect(status).toMatchObject({
    capacity: { cpu: '2', memory: '1Gi', pods: '110' },
    addresses: [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'Hostname', address: 'one' },
    ],
    nodeInfo: { kubeletVersion: 'v1.36.0', containerRuntimeVersion: 'simulated://1.0.0' },
  })
  expect((await ready())?.status).toBe('True')
})

it('renews its lease every ten seconds, and falls silent while the worker is out of reach', async () => {
  const one = await reporting()
  const { clock } = one.test
  const first = await one.renewed()
  await clock.advance(10_000)
  const second = await one.renewed()
  expect(second).not.toBe(first)
  one.reachable = false
  await clock.advance(60_000)
  const silent = await one.renewed()
  await clock.advance(60_000)
  expect(await one.renewed()).toBe(silent)
  one.reachable = true
  one.reporter.wake()
  await clock.advanceUntil(async () => (await one.renewed()) !== silent, 1000)
})

it('tells of a problem that lasts, and not of one that is soon over', async () => {
  const one = await reporting()
  const { clock } = one.test
  one.problem = 'the runtime is down'
  one.reporter.wake()
  await clock.advance(5000)
  expect((await one.ready())?.status).toBe('True')
  await clock.advance(20_000)
  expect(await one.ready()).toMatchObject({
    status: 'False',
    reason: 'KubeletNotReady',
    message: 'the runtime is down',
  })
  one.problem = undefined
  one.reporter.wake()
  await clock.advance(100)
  expect((await one.ready())?.status).toBe('True')
  expect(one.told.filter((reason) => reason.endsWith('Ready'))).toEqual(['NodeReady', 'NodeNotReady', 'NodeReady'])
})

it('tells of its start, of what is well, and of being closed to new pods', async () => {
  const { test, told } = await reporting()
  const fine = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID', 'NodeReady']
  const first = ['Starting', 'NodeAllocatableEnforced', ...fine]
  await test.clock.advance(30_000)
  expect(told).toEqual(first)
  await test.client.patch(nodeKind, { name: 'one' }, { type: 'merge', patch: { spec: { unschedulable: true } } })
  await test.clock.advance(30_000)
  expect(told).toEqual([...first, 'NodeNotSchedulable'])
})

it('registers the node again when someone has deleted it', async () => {
  const { test, ready } = await reporting()
  await test.client.delete(nodeKind, { name: 'one' })
  await test.clock.advance(10_000)
  expect((await ready())?.status).toBe('True')
})

it('offers what others write into its capacity, until they take it out again', async () => {
  const { test } = await reporting()
  const write = async (capacity: Record<string, string | null>): Promise<void> => {
    const patch = { type: 'merge', patch: { status: { capacity } } } as const
    await test.client.patch(nodeKind, { name: 'one' }, patch, { subresource: 'status' })
  }
  const allocatable = async (): Promise<string | undefined> =>
    (await test.client.get(nodeKind, { name: 'one' })).status?.allocatable?.['example.com/dongle']
  await write({ 'example.com/dongle': '3' })
  await test.clock.advanceUntil(async () => (await allocatable()) === '3')
  await write({ 'example.com/dongle': null })
  await test.clock.advanceUntil(async () => (await allocatable()) === undefined)
})
