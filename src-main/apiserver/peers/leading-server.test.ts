/** Two servers on one store, of which only the first drives the workers; everybody here asks the second. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'

import { kubectlVersions, type Kubectl } from '../../../test/support/kubectl.ts'
import { openTlsLab, type TlsLab } from '../../../test/support/tls-lab.ts'
import { lease } from '../../api/kinds/coordination/lease.ts'
import { namespace as namespaceKind } from '../../api/kinds/core/namespace.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import { seededRandom } from '../../lib/random.ts'
import type { AuditSink } from '../audit/trail.ts'
import type { NodeAgent } from '../node-agent.ts'
import { leases, serverAnnotation, type ServerGroup } from './leading-server.ts'

const agent: NodeAgent = {
  usage: () => Promise.resolve([]),
  logs: (container) => Promise.resolve(Readable.from([Buffer.from(`log of ${container.pod}\n`)])),
  async exec(_container, [name, argument], { stdin, stdout }, signal) {
    if (name === 'cat' && stdin !== undefined && stdout !== undefined)
      await pipeline(stdin, stdout, { end: false, signal })
    return Number(argument ?? 0)
  },
  attach: () => Promise.reject(new Error('not asked for')),
  dial: () => Promise.reject(new Error('not asked for')),
  portForward: () => Promise.reject(new Error('not asked for')),
}

interface Written {
  readonly stage: string
  readonly user: { readonly username: string; readonly groups: readonly string[] }
  readonly objectRef?: { readonly subresource?: string }
}

let lab: TlsLab
let second: TestServer
/** What the first server wrote down of requests for containers. */
const asked: { readonly user: string; readonly groups: readonly string[] }[] = []
const addresses = { first: '', second: '' }
const disposals: (() => Promise<void>)[] = []

beforeAll(async () => {
  lab = await openTlsLab()
  const groupOf = (name: string): ServerGroup => ({ name, ca: lab.pki.ca, proof: lab.pki.frontProxy.client })
  const sink: AuditSink = (event) => {
    const { stage, user, objectRef } = event as unknown as Written
    if (stage === 'RequestReceived' && objectRef?.subresource !== undefined)
      asked.push({ user: user.username, groups: user.groups })
  }
  const first = await startTestServer({
    nodeAgents: () => agent,
    group: groupOf('first'),
    audit: { policy: { rules: [{ level: 'Metadata' }] }, sink },
  })
  second = await startTestServer({ store: first.store, random: seededRandom(2), group: groupOf('second') })
  for (const { server } of [first, second]) disposals.push(async () => server.dispose())
  addresses.first = (await lab.start(first.server.handler)).url
  addresses.second = (await lab.start(second.server.handler)).url
  await first.client.create(namespaceKind, { metadata: { name: 'kube-system' } }).catch(() => undefined)
  await first.client.create(lease, { metadata: { namespace: 'kube-system', name: leases.machines } })
  await first.client.create(pod, {
    metadata: { namespace: 'default', name: 'web' },
    spec: { nodeName: 'worker', containers: [{ name: 'main', image: 'x' }] },
  })
})
afterAll(async () => {
  await lab.dispose()
  for (const dispose of disposals) await dispose()
})

async function isLedBy(holderIdentity: string, address: string): Promise<void> {
  const patch = { metadata: { annotations: { [serverAnnotation]: address } }, spec: { holderIdentity } }
  await second.client.patch(lease, { namespace: 'kube-system', name: leases.machines }, { type: 'merge', patch })
}

const missing = ['1.27', '1.33'].filter((version) => !kubectlVersions().has(version)).join(', ')
const reason = missing === '' ? '' : ` (not on this machine: ${missing})`
describe.skipIf(missing !== '').each(['1.27', '1.33'])(`kubectl %s at a server without workers${reason}`, (version) => {
  let kubectl: Kubectl
  beforeAll(async () => {
    kubectl = lab.kubectl(version)
    await isLedBy('first', addresses.first)
  })

  it('reads logs', async () => {
    expect(await kubectl.run(['logs', 'web'])).toBe('log of web\n')
    expect(asked.at(-1)).toMatchObject({ user: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] })
  })

  it('talks to a command and learns how it ended', async () => {
    const echoed = await kubectl.try(['exec', '-i', 'web', '--', 'cat'], 'hello\n')
    expect([echoed.code, echoed.stdout]).toEqual([0, 'hello\n'])
    expect((await kubectl.try(['exec', 'web', '--', 'exit', '7'])).code).toBe(7)
  })

  it('asks as whom it is to be, and no more than it may', async () => {
    expect(await kubectl.run(['logs', 'web', '--as=jo', '--as-group=system:masters'])).toBe('log of web\n')
    expect(asked.at(-1)).toMatchObject({ user: 'jo', groups: ['system:masters', 'system:authenticated'] })
    const before = asked.length
    expect((await kubectl.try(['logs', 'web', '--as=jo'])).stderr).toContain('User "jo" cannot')
    expect(asked).toHaveLength(before)
  })

  it.each([
    ['is the server itself', () => ['second', addresses.second], 'node worker of pod web cannot be reached now'],
    // The lead has changed while the request was under way: it does not go round in circles.
    ['leads no more', () => ['third', addresses.second], 'node worker of pod web cannot be reached now'],
    ['is not there', () => ['third', 'https://127.0.0.1:1'], 'connection refused'],
    ['says nothing of itself', () => ['third', ''], 'node worker of pod web cannot be reached now'],
  ])('says that there is no way when the one that leads %s', async (_what, leader, words) => {
    const [name = '', address = ''] = leader()
    await isLedBy(name, address)
    const refused = await kubectl.try(['logs', 'web'])
    await isLedBy('first', addresses.first)
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(words)])
  })
})
