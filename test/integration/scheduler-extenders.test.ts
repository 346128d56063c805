/** Extenders of the scheduler in a whole API server: configured by the ConfigMap, asked over TLS, seen in decisions. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { node as nodeKind } from '../../src-main/api/kinds/core/node.ts'
import { pod as podKind } from '../../src-main/api/kinds/core/pod.ts'
import { podCondition } from '../../src-main/api/meta/pod.ts'
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Pod } from '../../src-main/api/types/core-v1.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import { schedulerIdentity } from '../../src-main/cluster/identities.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { openPki, type Pki } from '../../src-main/lab/pki.ts'
import { DisposableStack } from '../../src-main/lib/disposable.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom, systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { startScheduler } from '../../src-main/scheduler/scheduler.ts'
import { startTestServer } from '../support/api-server.ts'
import { until } from '../support/until.ts'

let folder: string
let pki: Pki
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orrery-extender-'))
  const parts = { clock: systemClock, random: systemRandom, log: silentLog }
  pki = await openPki({ ...parts, folder, lab: 'default', serviceAddress: '10.96.0.1' })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const running = new DisposableStack()
afterEach(() => running.dispose())

type Answer = (verb: string, body: Record<string, unknown>) => object

/** An extender that demands a certificate of the lab's authority. */
async function anExtender(answer: Answer) {
  const asked: { verb: string; by: string; body: Record<string, unknown> }[] = []
  const { certificate: cert, key } = pki.server
  const server = createServer({ ca: pki.ca, cert, key, requestCert: true, rejectUnauthorized: true })
  server.on('request', (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const verb = (request.url ?? '').slice(1)
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
      asked.push({ verb, by: String((request.socket as TLSSocket).getPeerCertificate().subject.CN), body })
      response.end(JSON.stringify(answer(verb, body)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, port: (server.address() as AddressInfo).port }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

async function aCluster(extender: object) {
  const { server, client } = await startTestServer()
  running.use(server)
  for (const name of ['a', 'b']) {
    await client.create(nodeKind, { metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
    const status = { allocatable: { cpu: '1', memory: '8Gi', pods: '110', 'example.com/gpu': '1' } }
    await client.update(nodeKind, { metadata: { name }, status }, { subresource: 'status' })
    await client.patch(nodeKind, { name }, { type: 'merge', patch: { spec: { taints: null } } })
  }
  await client.create(configMap, {
    metadata: { name: 'kube-scheduler', namespace: 'kube-system' },
    data: {
      'config.yaml': JSON.stringify({
        ...{ apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' },
        extenders: [{ nodeCacheCapable: true, httpTimeout: '20s', ...extender }],
      }),
    },
  })
  const scheduler = startScheduler({
    ...{ clock: systemClock, random: seededRandom(1), log: silentLog, probe: silentProbe },
    client: createClient(server.transport(schedulerIdentity)),
  })
  running.use(scheduler)
  const read = (name: string) => client.get(podKind, { name, namespace: 'default' })
  return {
    ...{ client, scheduler, read },
    create: (name: string, requests: Record<string, string> = {}) =>
      client.create(podKind, {
        metadata: { name, namespace: 'default' },
        spec: { containers: [{ name: 'c', image: 'i', resources: { requests, limits: requests } }] },
      }),
    bound: (name: string, nodeName: string) =>
      until(`${name} on ${nodeName}`, async () => (await read(name)).spec?.nodeName === nodeName),
  }
}

async function certificates(): Promise<object> {
  const { certificate, key } = await pki.issueClient({ name: 'the-scheduler', groups: [] })
  return { caData: base64(pki.ca), certData: base64(certificate), keyData: base64(key) }
}

it('an extender with certificates filters and scores, and its verdicts are recorded', async () => {
  const { asked, port } = await anExtender((verb, { Pod }) => {
    if (verb === 'prioritize') return [{ Host: 'b', Score: 10 }]
    const isHot = (Pod as Live<Pod>).metadata.name === 'web'
    return isHot ? { NodeNames: ['b'], FailedNodes: { a: 'too hot' } } : { NodeNames: ['a', 'b'] }
  })
  const { create, bound, scheduler } = await aCluster({
    ...{ urlPrefix: `https://127.0.0.1:${port}`, filterVerb: 'filter', prioritizeVerb: 'prioritize', weight: 100 },
    tlsConfig: await certificates(),
  })
  await create('web')
  await bound('web', 'b')
  expect(asked[0]).toMatchObject({ verb: 'filter', by: 'the-scheduler', body: { NodeNames: ['a', 'b'] } })
  expect(scheduler.decisions.of('default', 'web')?.refusals).toMatchObject([{ node: 'a', reasons: ['too hot'] }])
  await create('liked')
  await bound('liked', 'b')
  const scores = scheduler.decisions.of('default', 'liked')?.scores.find(({ weight }) => weight === 100)
  expect(scores).toMatchObject({ priority: `https://127.0.0.1:${port}`, raw: expect.arrayContaining([0, 10]) })
})

it('an extender that cannot prove who it is makes pods wait, unless it may be ignored', async () => {
  const { asked, port } = await anExtender(() => ({ NodeNames: ['a', 'b'] }))
  const { caData: _, ...known } = (await certificates()) as Record<string, string>
  const extender = { urlPrefix: `http://127.0.0.1:${port}`, enableHTTPS: true, filterVerb: 'filter', tlsConfig: known }
  const strict = await aCluster(extender)
  await strict.create('web')
  const condition = async () => podCondition(await strict.read('web'), 'PodScheduled')
  await until('a refusal', async () => (await condition())?.status === 'False')
  expect(await condition()).toMatchObject({
    reason: 'SchedulerError',
    message: expect.stringContaining('cannot be reached') as string,
  })
  const lax = await aCluster({ ...extender, ignorable: true })
  await lax.create('web')
  await until('a node', async () => ((await lax.read('web')).spec?.nodeName ?? '') !== '')
  expect(lax.scheduler.decisions.of('default', 'web')?.bypassed).toHaveLength(1)
  expect(asked).toEqual([])
})

it('an extender looks after its own resources alone, and may bind', async () => {
  let bind: (name: string, nodeName: string) => Promise<unknown> = () => Promise.reject(new Error('too early'))
  const { asked, port } = await anExtender((verb, { PodName, Node }) => {
    if (verb === 'bind') void bind(String(PodName), String(Node))
    return verb === 'bind' ? {} : { NodeNames: ['a'] }
  })
  const { client, create, read, bound } = await aCluster({
    ...{ urlPrefix: `https://127.0.0.1:${port}`, filterVerb: 'filter', bindVerb: 'bind' },
    // Far more than the nodes have, which is the extender's business.
    managedResources: [{ name: 'example.com/gpu', ignoredByScheduler: true }],
    tlsConfig: await certificates(),
  })
  bind = (name, nodeName) =>
    client.post(podKind, { name, namespace: 'default' }, 'binding', {
      ...{ apiVersion: 'v1', kind: 'Binding' },
      target: { kind: 'Node', name: nodeName },
    })
  await create('plain')
  await until('a node', async () => ((await read('plain')).spec?.nodeName ?? '') !== '')
  expect(asked).toEqual([])
  await create('drawing', { 'example.com/gpu': '5' })
  await bound('drawing', 'a')
  expect(asked.map(({ verb }) => verb)).toEqual(['filter', 'bind'])
})
