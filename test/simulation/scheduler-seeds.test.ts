/**
 * The scheduler through bad days: writes that fail before or after they are carried out, late and doubled news,
 * restarts in the middle of bindings, nodes that go and come, all by a seed. No node is ever given more than it has,
 * and in the end every pod that fits somewhere has a node.
 */
import { describe, expect, it } from 'vitest'
import { isReason } from '../../src-main/api/errors.ts'
import { node as nodeKind } from '../../src-main/api/kinds/core/node.ts'
import { pod as podKind } from '../../src-main/api/kinds/core/pod.ts'
import { priorityClass } from '../../src-main/api/kinds/scheduling/priority-class.ts'
import { podCondition } from '../../src-main/api/meta/pod.ts'
import type { Client } from '../../src-main/client/client.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import { schedulerIdentity } from '../../src-main/cluster/identities.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom, type Random } from '../../src-main/lib/random.ts'
import { startScheduler, type RunningScheduler } from '../../src-main/scheduler/scheduler.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { faultyClient, type Faults } from '../support/faulty-client.ts'

const seeds = 300
const limitMs = 300_000
const nodeNames = ['a', 'b', 'c']
const coresOfNode = 2
const namespace = 'default'

class Day {
  private readonly server: TestServer
  private readonly client: Client
  private readonly random: Random
  private readonly faults: Faults = { rate: 0.2, latestMs: 2000, duplicates: 0.1, over: false }
  private scheduler: RunningScheduler
  private made = 0

  constructor(server: TestServer, seed: number) {
    this.server = server
    this.client = server.client
    this.random = seededRandom(seed)
    this.scheduler = this.start()
  }

  async step(): Promise<void> {
    const chance = this.random.next()
    if (chance < 0.45) for (let count = 1 + this.random.integer(3); count > 0; count--) await this.addPod()
    else if (chance < 0.6) await this.removePod()
    else if (chance < 0.75) await this.restart()
    else if (chance < 0.85) await ignoreGone(this.client.delete(nodeKind, { name: this.aNode() }))
    else await addNode(this.client, this.aNode())
    await this.server.clock.advance(this.random.integer(2000))
    await this.checkRoom()
  }

  /** The bad day ends; what fits comes to its node. */
  async settle(): Promise<void> {
    this.faults.over = true
    for (const name of nodeNames) await addNode(this.client, name)
    await this.server.clock.advanceUntil(async () => {
      const { asked, waiting } = await this.state()
      const free = nodeNames.map((name) => coresOfNode - (asked.get(name) ?? 0))
      return waiting.every((cores) => free.every((left) => left < cores))
    }, 900_000)
    await this.checkRoom()
    for (const one of (await this.client.list(podKind, { namespace })).items)
      if ((one.spec?.nodeName ?? '') !== '') expect(podCondition(one, 'PodScheduled')?.status).toBe('True')
  }

  async end(): Promise<void> {
    await this.scheduler.dispose()
    await this.server.server.dispose()
    await this.server.store.dispose()
  }

  private start(): RunningScheduler {
    const { clock, server } = this.server
    const client = createClient(server.transport(schedulerIdentity))
    return startScheduler({
      ...{ clock, random: this.random, log: silentLog, probe: silentProbe },
      client: faultyClient(client, this.faults, clock, this.random),
    })
  }

  private async restart(): Promise<void> {
    await this.scheduler.dispose()
    this.scheduler = this.start()
  }

  private aNode(): string {
    return nodeNames[this.random.integer(nodeNames.length)]!
  }

  private async addPod(): Promise<void> {
    const cpu = ['500m', '1', '1500m'][this.random.integer(3)]!
    const priorityClassName = ['low', 'low', 'high'][this.random.integer(3)]!
    await this.client.create(podKind, {
      metadata: { name: `pod-${this.made++}`, namespace },
      spec: {
        ...{ priorityClassName, terminationGracePeriodSeconds: 0 },
        containers: [{ name: 'main', image: 'orrery.dev/web:1', resources: { requests: { cpu } } }],
      },
    })
  }

  private async removePod(): Promise<void> {
    const { items } = await this.client.list(podKind, { namespace })
    const one = items[this.random.integer(Math.max(1, items.length))]
    if (one !== undefined) await ignoreGone(this.client.delete(podKind, { name: one.metadata.name, namespace }))
  }

  private async state(): Promise<{ asked: Map<string, number>; waiting: number[] }> {
    const asked = new Map<string, number>()
    const waiting: number[] = []
    for (const { spec } of (await this.client.list(podKind, { namespace })).items) {
      const text = spec?.containers[0]?.resources?.requests?.['cpu'] ?? '0'
      const cores = text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text)
      const at = spec?.nodeName ?? ''
      if (at === '') waiting.push(cores)
      else asked.set(at, (asked.get(at) ?? 0) + cores)
    }
    return { asked, waiting }
  }

  private async checkRoom(): Promise<void> {
    for (const [name, cores] of (await this.state()).asked)
      expect(cores, `what the pods of node ${name} ask for`).toBeLessThanOrEqual(coresOfNode)
  }
}

async function addNode(client: Client, name: string): Promise<void> {
  try {
    await client.create(nodeKind, { metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
  } catch (error) {
    if (isReason(error, 'AlreadyExists')) return
    throw error
  }
  const status = { allocatable: { cpu: String(coresOfNode), memory: '8Gi', pods: '110' } }
  await client.update(nodeKind, { metadata: { name }, status }, { subresource: 'status' })
  await client.patch(nodeKind, { name }, { type: 'merge', patch: { spec: { taints: null } } })
}

async function ignoreGone(request: Promise<unknown>): Promise<void> {
  try {
    await request
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

describe('through bad days', () => {
  it('no node is given too much, and no pod is forgotten', { timeout: limitMs }, async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const server = await startTestServer()
      for (const [name, value] of Object.entries({ low: 1, high: 100 }))
        await server.client.create(priorityClass, { metadata: { name }, value })
      for (const name of nodeNames) await addNode(server.client, name)
      const day = new Day(server, seed)
      try {
        for (let step = 0; step < 8; step++) await day.step()
        await day.settle()
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error })
      } finally {
        await day.end()
      }
    }
  })
})
