import { describe, expect, it } from 'vitest'
import { kindByName } from '../../api/kinds/index.ts'
import { VirtualClock } from '../../lib/virtual-clock.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { startTestServer } from '../../../test/support/api-server.ts'
import { until } from '../../../test/support/until.ts'
import { requestInfo } from '../filters/request-info.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import { distinguisherOf, flowSchemaOf, inOrder } from './classify.ts'
import { defaultFlowSchemas } from './default-objects.ts'
import { dumpAnswer } from './dumps.ts'
import { planDefault, type KeeperPlan } from './keep-defaults.ts'
import { FairnessRefusal, PriorityAndFairness } from './priority-and-fairness.ts'
import { PriorityLevel, type Release } from './priority-level.ts'
import { dealHand, flowHash } from './shuffle-shard.ts'

const info = (request: string) => {
  const [method = '', target = ''] = request.split(' ')
  const url = new URL(target, 'http://localhost')
  return requestInfo({ method, path: url.pathname, query: url.searchParams })
}
const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] })
const signal = new AbortController().signal
const ours = { 'apf.kubernetes.io/autoupdate-spec': 'true' }

describe('a request', () => {
  it.each([
    [user('a', 'system:masters'), 'GET /api/v1/pods', 'exempt', ''],
    [user('a'), 'GET /healthz', 'probes', ''],
    [user('system:node:n', 'system:nodes'), 'PATCH /api/v1/nodes/n/status', 'system-node-high', 'system:node:n'],
    [user('system:node:n', 'system:nodes'), 'GET /api/v1/services', 'system-nodes', 'system:node:n'],
    [user('system:kube-scheduler'), 'GET /api/v1/namespaces/a/pods', 'kube-scheduler', 'a'],
    [
      user('system:kube-scheduler'),
      'PUT /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l',
      'system-leader-election',
      'system:kube-scheduler',
    ],
    [
      user('system:serviceaccount:kube-system:job-controller', 'system:serviceaccounts'),
      'POST /api/v1/namespaces/a/pods',
      'kube-system-service-accounts',
      'a',
    ],
    [
      user('system:serviceaccount:a:b', 'system:serviceaccounts'),
      'GET /api/v1/namespaces/a/pods',
      'service-accounts',
      'system:serviceaccount:a:b',
    ],
    [user('jo'), 'GET /api/v1/namespaces/a/pods', 'global-default', 'jo'],
  ])('of %j for %s flows by %s as %j', (who, request, name, flow) => {
    const schema = flowSchemaOf(inOrder(defaultFlowSchemas), who, info(request))
    expect(schema?.metadata?.name).toBe(name)
    expect(distinguisherOf(schema!, who, info(request))).toBe(flow)
  })
})

describe('a hand of queues', () => {
  it('has different queues, the same for the same flow', () => {
    for (let flow = 0; flow < 200; flow++) {
      const hand = dealHand(flowHash(`flow ${flow}`), 64, 6)
      expect(new Set(hand).size).toBe(6)
      expect(hand.every((queue) => queue >= 0 && queue < 64)).toBe(true)
      expect(dealHand(flowHash(`flow ${flow}`), 64, 6)).toEqual(hand)
    }
  })
})

const queuing = { queues: 8, handSize: 1, queueLengthLimit: 4 }
function aLevel(limitResponse: object = { type: 'Queue', queuing }, borrowable = 0) {
  const clock = new VirtualClock()
  const config = { metadata: { name: 'l' }, spec: { type: 'Limited', limited: { limitResponse } } }
  const level = new PriorityLevel(config as never, { clock, patienceMs: 15_000, borrowable: () => borrowable })
  level.nominalSeats = 2
  return { level, clock }
}

describe('a priority level', () => {
  it('gives seats at once while there are some, then in turn', async () => {
    const { level } = aLevel()
    const first = level.take(1, 0, signal)
    expect(first).toBeTypeOf('function')
    level.take(1, 0, signal)
    const third = level.take(1, 0, signal)
    expect(third).toBeInstanceOf(Promise)
    expect([level.seatsInUse, level.waitingCount]).toEqual([2, 1])
    ;(first as Release)()
    ;(await third)()
    expect([level.seatsInUse, level.waitingCount]).toEqual([1, 0])
  })

  it('serves a light flow soon, however much a heavy one asks for', async () => {
    const { level } = aLevel()
    level.nominalSeats = 1
    const started: string[] = []
    const running = level.take(1, 0, signal) as Release
    const ask = (flow: number, name: string): void =>
      void Promise.resolve(level.take(1, flow, signal)).then((release) => {
        started.push(name)
        release()
      })
    for (let index = 0; index < 4; index++) ask(0, `heavy ${index}`)
    ask(1, 'light')
    running()
    await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(started.indexOf('light')).toBeLessThan(2)
    expect(started).toHaveLength(5)
  })

  it('refuses what finds its queue full, waits too long, or may not wait at all', async () => {
    const { level, clock } = aLevel()
    level.take(2, 0, signal)
    const waiting = Array.from({ length: 4 }, () => level.take(1, 0, signal))
    expect(() => level.take(1, 0, signal)).toThrow(expect.objectContaining({ code: 'queue-full' }))
    const ends = Promise.allSettled(waiting)
    await clock.advance(15_001)
    expect((await ends).map((end) => end.status === 'rejected' && end.reason.code)).toEqual(Array(4).fill('time-out'))
    const other = aLevel({ type: 'Reject' }).level
    other.take(2, 0, signal)
    expect(() => other.take(1, 0, signal)).toThrow(expect.objectContaining({ code: 'concurrency-limit' }))
  })

  it('borrows seats that are idle elsewhere, and lets a client that leaves go', async () => {
    const { level } = aLevel(undefined, 1)
    level.take(2, 0, signal)
    expect(level.take(1, 0, signal)).toBeTypeOf('function')
    const gone = new AbortController()
    const waiting = level.take(1, 0, gone.signal) as Promise<Release>
    gone.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    expect(level.waitingCount).toBe(0)
  })
})

describe('levels that share the seats', () => {
  const aServer = () => new PriorityAndFairness({ source: noObjects, clock: new VirtualClock(), objectsOf: () => 1 })
  const noObjects = { resource: () => ({ get: () => undefined, follow: () => undefined }) }
  /** Asks until it is refused. */
  const fill = (fairness: PriorityAndFairness, who: UserInfo): void => {
    const ask = (): void => void Promise.resolve(fairness.take(who, info('POST /api/v1/namespaces/a/pods'), signal))
    expect(() => {
      for (;;) ask()
    }).toThrow(FairnessRefusal)
  }

  it('never lend a seat to two of them at once', () => {
    const fairness = aServer()
    // Both levels want far more than they have and may borrow what the others do not use.
    fill(fairness, user('jo'))
    fill(fairness, user('system:kube-scheduler'))
    fill(fairness, user('system:node:n', 'system:nodes'))
    const seats = fairness.allLevels.reduce((sum, { seatsInUse }) => sum + seatsInUse, 0)
    const all = fairness.allLevels.reduce((sum, { nominalSeats }) => sum + nominalSeats, 0)
    expect(seats).toBeLessThanOrEqual(all)
    expect(seats).toBeGreaterThan(all / 2)
  })

  it('show what they do as tables', () => {
    const fairness = aServer()
    fill(fairness, user('jo'))
    const table = (what: string, query = ''): string => {
      const path = `/debug/api_priority_and_fairness/${what}`
      const answer = dumpAnswer({ path, query: new URLSearchParams(query) } as ServerRequest, fairness)
      if (answer?.type !== 'bytes') throw new Error(`nothing at ${path}`)
      return Buffer.from(answer.bytes).toString()
    }
    const [head = '', ...levels] = table('dump_priority_levels').trim().split('\n')
    expect(head).toMatch(/^PriorityLevelName, +ActiveQueues, IsIdle, +IsQuiescing, .*CancelledRequests$/)
    expect(levels.find((line) => line.startsWith('catch-all'))).toMatch(/^catch-all, +0, +true, +false, +0, +0, +0, /)
    expect(levels.find((line) => line.startsWith('global-default'))).toMatch(
      /^global-default, +[1-6], +false, +false, /,
    )
    expect(table('dump_queues')).toMatch(/\nglobal-default, +\d+, +50, /)
    expect(table('dump_requests')).toMatch(/\nglobal-default, +global-default, +\d+, +0, +jo, /)
    expect(table('dump_requests', 'includeRequestDetails=1')).toMatch(
      /jo, +create, +\/api\/v1\/namespaces\/a\/pods, +a, +, +v1, +pods,/,
    )
    expect(() => table('other')).toThrow()
  })
})

const notOurs = { 'apf.kubernetes.io/autoupdate-spec': 'false' }

describe('the default objects', () => {
  const schemas = kindByName('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema')!
  const named = (name: string, spec: object, metadata: object = {}) =>
    ({ metadata: { name, generation: 1, ...metadata }, spec }) as DynamicObject

  it.each<[KeeperPlan, DynamicObject | undefined, string]>([
    ['create', undefined, 'global-default'],
    ['keep', named('global-default', { a: 1 }), 'global-default'],
    ['update', named('global-default', { a: 2 }), 'global-default'],
    ['keep', named('global-default', { a: 2 }, { generation: 2 }), 'global-default'],
    ['update', named('global-default', { a: 2 }, { generation: 2, annotations: { ...ours } }), 'global-default'],
    ['keep', named('global-default', { a: 2 }, { annotations: notOurs }), 'global-default'],
    ['update', named('exempt', { a: 2 }, { generation: 2, annotations: notOurs }), 'exempt'],
  ])('are to %s: %j as %s', (plan, existing, name) => {
    expect(planDefault(existing, named(name, { a: 1 }))).toBe(plan)
  })

  it('come again when they are deleted, and are put back unless somebody else looks after them', async () => {
    const { client } = await startTestServer()
    const before = await client.get(schemas, { name: 'exempt' })
    await client.delete(schemas, { name: 'exempt' })
    const precedence = async (name: string) =>
      ((await client.get(schemas, { name })) as DynamicObject & { spec: { matchingPrecedence: number } }).spec
        .matchingPrecedence
    const again = () => client.get(schemas, { name: 'exempt' })
    await until(
      'a new one',
      () =>
        again().then(
          ({ metadata }) => metadata.uid !== before.metadata.uid,
          () => false,
        ),
      5000,
      1,
    )
    const patch = { spec: { matchingPrecedence: 5 } }
    await client.patch(schemas, { name: 'probes' }, { type: 'merge', patch })
    await until('the old precedence', async () => (await precedence('probes')) === 2, 5000, 1)
    const owned = { ...patch, metadata: { annotations: notOurs } }
    await client.patch(schemas, { name: 'service-accounts' }, { type: 'merge', patch: owned })
    await client.delete(schemas, { name: 'catch-all' })
    await until('the last one', () => client.get(schemas, { name: 'catch-all' }).then(Boolean, () => false), 5000, 1)
    expect(await precedence('service-accounts')).toBe(5)
  })
})

describe('the server under overload', () => {
  it('has the flow schemas and levels of Kubernetes, and takes others', async () => {
    const { client } = await startTestServer()
    const kind = (name: string) => kindByName('flowcontrol.apiserver.k8s.io/v1', name)!
    const names = async (name: string) => (await client.list(kind(name))).items.map(({ metadata }) => metadata.name)
    expect(await names('PriorityLevelConfiguration')).toEqual([
      'catch-all',
      'exempt',
      'global-default',
      'leader-election',
      'node-high',
      'system',
      'workload-high',
      'workload-low',
    ])
    expect(await names('FlowSchema')).toContain('kube-system-service-accounts')
  })

  it('answers 429 with a time to come back and says whose limits they are', async () => {
    const { client, server } = await startTestServer({ totalSeats: 1 })
    const level = kindByName('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration')!
    const limited = { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject', queuing: null } }
    for (const name of ['global-default', 'workload-low', 'workload-high', 'system', 'node-high', 'leader-election'])
      await client.patch(
        level,
        { name },
        {
          type: 'merge',
          patch: { metadata: { annotations: notOurs }, spec: { limited: { ...limited, lendablePercent: 0 } } },
        },
      )
    const headers: Record<string, string> = {}
    const ask = (release: Promise<unknown>) =>
      server.handler(
        {
          method: 'POST',
          path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
          query: new URLSearchParams(),
          headers: { 'content-type': 'application/json' },
          body: { type: 'bytes', read: () => release.then(() => Buffer.from('{"spec":{"nonResourceAttributes":{}}}')) },
          peer: { name: 'jo', groups: [] },
          signal,
        },
        { warn: () => undefined, header: (name, value) => void (headers[name] = value) },
      )
    const body = Promise.withResolvers<undefined>()
    const running = ask(body.promise)
    await expect(ask(Promise.resolve())).rejects.toMatchObject({ code: 429, details: { retryAfterSeconds: 1 } })
    const uid = (await client.get(level, { name: 'global-default' })).metadata.uid
    expect(headers).toMatchObject({
      'x-kubernetes-pf-prioritylevel-uid': uid,
      'audit-id': expect.any(String),
      'x-kubernetes-pf-flowschema-uid': expect.any(String),
    })
    body.resolve(undefined)
    expect(await running).toMatchObject({ code: 201 })
  })
})
