import { describe, expect, it } from 'vitest'
import { conflict } from '../api/errors.ts'
import { deployment } from '../api/kinds/apps/deployment.ts'
import { configMap } from '../api/kinds/core/config-map.ts'
import type { Facts, Probe } from '../glass/probe.ts'
import { createLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { settle, VirtualClock } from '../lib/virtual-clock.ts'
import { runController, type ControllerOptions } from './controller.ts'
import { watchMapped, watchOwn, watchOwned, type ControllerSource } from './controller-sources.ts'
import { FakeCollection } from '../../test/support/fake-collection.ts'
import { Informer } from './informer.ts'
import { createClient } from './resource-client.ts'

type Reconcile = ControllerOptions<object>['reconcile']

function setup(reconcile: Reconcile, sourceOf?: (informer: Informer<object>) => ControllerSource, workers = 1) {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const server = new FakeCollection()
  const lines: string[] = []
  const spans: Facts[] = []
  const log = createLog(
    'test',
    () => clock.now(),
    ({ level, message }) => lines.push(`${level} ${message}`),
  )
  const probe: Probe = {
    span: (name, facts, run) => {
      spans.push({ name, ...facts })
      return run(() => undefined)
    },
    gate: () => undefined,
  }
  const informer = new Informer(configMap, {}, { client: createClient(server), clock, random, log })
  const start = () =>
    runController({
      name: 'tester',
      kind: configMap,
      workers,
      sources: [sourceOf === undefined ? watchOwn(informer) : sourceOf(informer as Informer<object>)],
      reconcile,
      clock,
      random,
      log,
      probe,
    })
  return { clock, server, lines, spans, informer, start }
}

describe('a controller', () => {
  it('begins when the caches are filled, and reconciles each key that changes', async () => {
    const keys: string[] = []
    const { server, informer, start } = setup(async (key) => void keys.push(key))
    server.put('a')
    const controller = start()
    await settle()
    expect(keys).toEqual([])
    informer.start()
    await settle()
    server.put('b')
    await settle()
    server.remove('a')
    await settle()
    expect(keys).toEqual(['default/a', 'default/b', 'default/a'])
    await controller.dispose()
    await informer.start().dispose()
  })

  it('tells each reconcile what set it off, and records a span', async () => {
    const causes: object[] = []
    const { server, informer, spans, start } = setup(async (_, { cause }) => void causes.push(cause))
    server.put('a')
    informer.start()
    const controller = start()
    await settle()
    expect(causes).toEqual([{ key: 'default/a', revision: 101 }])
    expect(spans).toEqual([
      {
        name: 'reconcile',
        controller: 'tester',
        'k8s.object.kind': 'ConfigMap',
        'k8s.namespace.name': 'default',
        'k8s.object.name': 'a',
        'cause.revision': 101,
      },
    ])
    await controller.dispose()
  })

  it('tries again after an error, later each time, and warns', async () => {
    let tries = 0
    const { clock, server, informer, lines, start } = setup(async () => {
      if (++tries < 4) throw new Error('no luck')
    })
    server.put('a')
    informer.start()
    const controller = start()
    await clock.advance(100)
    expect(tries).toBe(4)
    expect(lines).toEqual(Array(3).fill('warn tester: default/a failed, trying again later: no luck'))
    await controller.dispose()
  })

  it('is quiet about conflicts', async () => {
    let tries = 0
    const { clock, server, informer, lines, start } = setup(async () => {
      if (++tries === 1) throw conflict({ group: '', plural: 'configmaps' }, 'a', 'changed')
    })
    server.put('a')
    informer.start()
    const controller = start()
    await clock.advance(100)
    expect(tries).toBe(2)
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['debug'])
    await controller.dispose()
  })

  it('comes back after the time that reconcile asks for', async () => {
    const times: number[] = []
    const { clock, server, informer, start } = setup(async () => {
      times.push(clock.now())
      return { requeueAfterMs: 1000 }
    })
    server.put('a')
    informer.start()
    const controller = start()
    await clock.advance(2500)
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 1000, 2000])
    await controller.dispose()
  })

  it('works on several keys at once, but never on one key twice', async () => {
    const running = new Map<string, number>()
    let most = 0
    const { clock, server, informer, start } = setup(
      async (key) => {
        running.set(key, (running.get(key) ?? 0) + 1)
        expect(running.get(key)).toBe(1)
        most = Math.max(most, running.size)
        await clock.sleep(50)
        running.delete(key)
      },
      undefined,
      3,
    )
    for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(name)
    informer.start()
    const controller = start()
    await clock.advance(10)
    for (const name of ['a', 'b', 'c']) server.put(name)
    await clock.advance(1000)
    expect(most).toBe(3)
    await controller.dispose()
  })

  it('waits for the reconcile that is under way when it is stopped, and starts no other', async () => {
    const done: string[] = []
    const { clock, server, informer, start } = setup(async (key, { signal }) => {
      await clock.sleep(100, signal).catch(() => undefined)
      done.push(key)
    })
    server.put('a')
    server.put('b')
    informer.start()
    const controller = start()
    await settle()
    await controller.dispose()
    expect(done).toEqual(['default/a'])
    server.put('c')
    await clock.advance(1000)
    expect(done).toEqual(['default/a'])
  })

  it('can be stopped before its caches are filled', async () => {
    const { start } = setup(async () => undefined)
    await start().dispose()
  })
})

describe('what sets keys off', () => {
  it('is the controller of an owned object', async () => {
    const keys: string[] = []
    const { server, informer, start } = setup(
      async (key) => void keys.push(key),
      (one) => watchOwned(one, deployment),
    )
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true }
    server.put('owned', { metadata: { ownerReferences: [owner] } })
    server.put('not-controlled', { metadata: { ownerReferences: [{ ...owner, name: 'x', controller: false }] } })
    server.put('other-group', { metadata: { ownerReferences: [{ ...owner, name: 'y', apiVersion: 'x.dev/v1' }] } })
    server.put('free')
    informer.start()
    const controller = start()
    await settle()
    expect(keys).toEqual(['default/web'])
    await controller.dispose()
  })

  it('is the old owner and the new one when ownership moves', async () => {
    const keys: string[] = []
    const labelOf = (object: { metadata?: { labels?: Record<string, string> } }): string[] =>
      Object.values(object.metadata?.labels ?? {})
    const { server, informer, start } = setup(
      async (key) => void keys.push(key),
      (one) => watchMapped(one, labelOf),
    )
    server.put('a', { metadata: { labels: { to: 'one' } } })
    informer.start()
    const controller = start()
    await settle()
    server.put('a', { metadata: { labels: { to: 'two' } } })
    await settle()
    expect(keys).toEqual(['one', 'one', 'two'])
    await controller.dispose()
  })
})
