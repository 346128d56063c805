import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { DisposableStack } from '../../lib/disposable.ts'
import { systemClock } from '../../lib/system-clock.ts'
import type { ExtenderSettings } from '../configuration/configuration.ts'
import { decideWithOutside } from '../decision.ts'
import { seededRandom } from '../../lib/random.ts'
import { RulesForPod } from '../outside-rules.ts'
import { defaultPlugins } from '../plugins.ts'
import type { Candidate } from '../preemption/victims.ts'
import { aCache, aNode, aPod } from '../test-objects.ts'
import { Extender } from './extender.ts'

const running = new DisposableStack()
afterEach(() => running.dispose())

type Respond = (verb: string, body: Record<string, unknown>, response: ServerResponse) => object | undefined

async function anExtender(respond: Respond, settings: Partial<ExtenderSettings> = {}) {
  const asked: { verb: string; body: Record<string, unknown> }[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const verb = (request.url ?? '').split('/').at(-1) ?? ''
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
      asked.push({ verb, body })
      const answer = respond(verb, body, response)
      if (answer !== undefined) response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const whole: ExtenderSettings = {
    ...{ filterVerb: 'filter', prioritizeVerb: 'prioritize', preemptVerb: 'preempt', bindVerb: 'bind', weight: 2 },
    ...{ urlPrefix: `http://127.0.0.1:${port}/x`, httpTimeoutMs: 20_000, nodeCacheCapable: true },
    ...{ managedResources: [], ignorable: false },
    ...settings,
  }
  return { extender: new Extender(whole, systemClock), asked }
}

const nodes = aCache([aNode('a'), aNode('b'), aNode('c')]).snapshot().nodes
const pod = aPod('p')

describe('an extender', () => {
  it('filters by names, and says why', async () => {
    const { extender, asked } = await anExtender(() => ({
      NodeNames: ['a'],
      FailedNodes: { b: 'too hot' },
      FailedAndUnresolvableNodes: { c: 'too far' },
    }))
    expect(await extender.filter(pod, nodes)).toEqual([
      { node: 'b', predicate: extender.name, code: 'unschedulable', reasons: ['too hot'] },
      { node: 'c', predicate: extender.name, code: 'unresolvable', reasons: ['too far'] },
    ])
    expect(asked[0]?.body['NodeNames']).toEqual(['a', 'b', 'c'])
  })

  it('is sent whole nodes when it does not know them', async () => {
    const respond: Respond = (_, { Nodes }) => {
      const { items } = Nodes as { items: { metadata: { name: string } }[] }
      return { nodes: { items: items.slice(1) } }
    }
    const { extender } = await anExtender(respond, { nodeCacheCapable: false })
    expect((await extender.filter(pod, nodes)).map(({ node }) => node)).toEqual(['a'])
  })

  it('scores from 0 to 10, which count by its weight', async () => {
    const { extender } = await anExtender(() => [
      { Host: 'a', Score: 10 },
      { host: 'b', score: 4 },
    ])
    expect(await extender.score(pod, nodes)).toMatchObject({ weight: 2, raw: [10, 4, 0], normalised: [100, 40, 0] })
  })

  it('binds in place of the scheduler, and may refuse', async () => {
    const { extender, asked } = await anExtender((_, { Node }) => (Node === 'a' ? {} : { Error: 'no' }))
    await extender.bind(pod, 'a')
    expect(asked[0]?.body).toEqual({ PodName: 'p', PodNamespace: 'default', PodUID: 'uid-p', Node: 'a' })
    await expect(extender.bind(pod, 'b')).rejects.toMatchObject({ code: 'Refused' })
  })

  it('leaves out candidates and victims of a preemption', async () => {
    const { extender } = await anExtender(() => ({
      NodeNameToMetaVictims: { b: { Pods: [{ UID: 'uid-y' }], NumPDBViolations: 1 } },
    }))
    const candidates = [
      { node: 'a', victims: [aPod('x')], violations: 0 },
      { node: 'b', victims: [aPod('y'), aPod('z')], violations: 0 },
    ]
    expect(await extender.preempt(pod, candidates)).toEqual([
      { node: 'b', victims: [candidates[1]?.victims[0]], violations: 1 },
    ])
  })

  it('says nothing of nodes that it leaves out without a reason', async () => {
    const { extender } = await anExtender(() => ({ nodeNames: ['a'], failedNodes: { b: 'too small' } }))
    expect(await extender.filter(pod, nodes)).toEqual([
      { node: 'b', predicate: extender.name, code: 'unschedulable', reasons: ['too small'] },
      { node: 'c', predicate: extender.name, code: 'unresolvable', reasons: [] },
    ])
  })

  it('must leave a victim on each node, unless it may be ignored', async () => {
    const candidates: Candidate[] = [{ node: 'a', victims: [pod], violations: 0 }]
    const respond: Respond = () => ({ nodeNameToMetaVictims: { a: { pods: [] } } })
    const settings = {}
    const strict = await anExtender(respond, settings)
    await expect(strict.extender.preempt(pod, candidates)).rejects.toMatchObject({ code: 'BadAnswer' })
    const lax = await anExtender(respond, { ...settings, ignorable: true })
    expect(await lax.extender.preempt(pod, candidates)).toEqual([])
  })

  it('that turns down the node on which room was made leaves the others', async () => {
    const { extender } = await anExtender((_verb, body) => ({
      nodeNames: (body as { NodeNames: string[] }).NodeNames.filter((name) => name !== 'a'),
    }))
    const snapshot = aCache(['a', 'b'].map((name) => aNode(name))).snapshot()
    const hopeful = { ...pod, status: { nominatedNodeName: 'a' } }
    const options = { plugins: defaultPlugins, random: seededRandom(1), start: 0, enough: Infinity }
    const { decision } = await decideWithOutside(hopeful, snapshot, options, new RulesForPod([extender]))
    expect(decision.chosen).toBe('b')
  })

  it('is asked only about pods that want its resources', async () => {
    const managedResources = [{ name: 'example.com/gpu', ignoredByScheduler: true }]
    const { extender } = await anExtender(() => ({}), { managedResources })
    expect(extender.concerns(pod)).toBe(false)
    expect(extender.concerns(aPod('q', { requests: { 'example.com/gpu': '1' } }))).toBe(true)
  })

  const broken: [string, Respond, string][] = [
    ['does not answer in time', () => undefined, 'Unreachable'],
    [
      'fails',
      (_verb, _body, response) => {
        response.statusCode = 500
        return {}
      },
      'Refused',
    ],
    [
      'talks nonsense',
      (_verb, _body, response) => {
        response.end('<html>')
        return undefined
      },
      'BadAnswer',
    ],
    ['says that something is wrong', () => ({ error: 'out of order' }), 'Refused'],
  ]
  it.each(broken)('that %s makes the pod wait, unless it may be ignored', async (what, respond, code) => {
    const settings = { httpTimeoutMs: what.includes('time') ? 100 : 20_000 }
    const filtered = { feasible: nodes, refusals: [], unseen: undefined, refusedBy: [], looked: 3 }
    const strict = await anExtender(respond, settings)
    await expect(new RulesForPod([strict.extender]).filter(pod, filtered)).rejects.toMatchObject({ code })
    const lax = await anExtender(respond, { ...settings, ignorable: true })
    const rules = new RulesForPod([lax.extender])
    expect((await rules.filter(pod, filtered)).feasible).toHaveLength(3)
    expect(rules.bypassed.map(({ rule }) => rule)).toEqual([lax.extender.name])
  })
})
