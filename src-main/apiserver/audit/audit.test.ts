import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { secret } from '../../api/kinds/core/secret.ts'
import { serviceAccount } from '../../api/kinds/core/service-account.ts'
import { startTestServer } from '../../../test/support/api-server.ts'
import { openAuditLog } from './log-file.ts'
import { parseAuditPolicy } from './policy.ts'
import type { AuditEvent } from './trail.ts'

const policyText = (rules: string): string => `apiVersion: audit.k8s.io/v1\nkind: Policy\n${rules}`
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const serviceAccountKeys = {
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}

async function audited(rules: string) {
  const events: AuditEvent[] = []
  const policy = parseAuditPolicy(policyText(rules))
  const sink = (event: AuditEvent): void => void events.push(event)
  const lab = await startTestServer({ serviceAccountKeys, audit: { policy, sink } })
  return { ...lab, events }
}

const map = { metadata: { namespace: 'default', name: 'a' }, data: { k: 'v' } }

describe('the audit log', () => {
  it('tells who did what, in stages, and why it was allowed', async () => {
    const { client, events } = await audited('rules: [{ level: Metadata }]')
    await client.create(configMap, map)
    await client.create(configMap, map).catch(() => undefined)
    expect(events.map(({ stage }) => stage)).toEqual([
      ...['RequestReceived', 'ResponseComplete', 'RequestReceived', 'ResponseComplete'],
    ])
    expect(events[1]).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      verb: 'create',
      requestURI: '/api/v1/namespaces/default/configmaps',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' },
      responseStatus: { code: 201 },
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    })
    expect(events[1]).not.toHaveProperty('requestObject')
    expect(events[1]?.['auditID']).toBe(events[0]?.['auditID'])
    expect(events[3]).toMatchObject({ responseStatus: { code: 409, reason: 'AlreadyExists' } })
  })

  it('shows bodies as the policy says, secrets without theirs, and tokens never', async () => {
    const { client, events } = await audited(
      [
        'omitStages: [RequestReceived]',
        'rules:',
        '- { level: Metadata, resources: [{ group: "", resources: [secrets] }] }',
        '- { level: None, users: [nobody] }',
        '- { level: RequestResponse }',
      ].join('\n'),
    )
    await client.create(secret, { metadata: map.metadata, stringData: { password: 'hidden' } })
    await client.create(configMap, map)
    await client.create(serviceAccount, { metadata: map.metadata })
    const answer = (await client.post(serviceAccount, map.metadata, 'token', { spec: {} })) as {
      status: { token: string }
    }
    const text = JSON.stringify(events)
    expect(text).not.toContain('hidden')
    expect(text).not.toContain(Buffer.from('hidden').toString('base64'))
    expect(text).not.toContain(answer.status.token)
    expect(events[1]).toMatchObject({ requestObject: { data: { k: 'v' } }, responseObject: { data: { k: 'v' } } })
    expect(events[3]).toMatchObject({ responseObject: { kind: 'TokenRequest' } })
  })

  it('shows both who asks and who that acts as', async () => {
    const { send, events } = await audited('rules: [{ level: Metadata, omitStages: [RequestReceived] }]')
    const headers = { 'impersonate-user': 'jo', 'impersonate-group': 'dev', 'audit-id': 'mine' }
    await expect(send('GET', '/api/v1/secrets', { headers })).rejects.toMatchObject({ code: 403 })
    expect(events).toMatchObject([
      {
        auditID: 'mine',
        user: { username: 'admin' },
        impersonatedUser: { username: 'jo', groups: ['dev', 'system:authenticated'] },
        responseStatus: { code: 403 },
        annotations: { 'authorization.k8s.io/decision': 'forbid' },
      },
    ])
  })

  it('tells of credentials that are worth nothing, once, and does not show them', async () => {
    const { send, events } = await audited('rules: [{ level: Metadata }]')
    const headers = { authorization: 'Bearer stolen' }
    await expect(send('GET', '/api/v1/secrets', { peer: undefined, headers })).rejects.toMatchObject({ code: 401 })
    expect(events).toMatchObject([
      {
        stage: 'ResponseStarted',
        verb: 'list',
        user: {},
        responseStatus: { code: 401, message: 'Authentication failed, attempted: bearer' },
      },
    ])
    expect(JSON.stringify(events)).not.toContain('stolen')
  })

  it('tells where requests come from: as far as proxies say, and who is connected', async () => {
    const { send, events } = await audited('rules: [{ level: Metadata, omitStages: [RequestReceived] }]')
    const headers = { 'x-forwarded-for': '203.0.113.9, 10.0.0.1, nonsense', 'x-real-ip': '203.0.113.9' }
    await send('GET', '/api/v1/configmaps', { headers, remoteAddress: '::ffff:192.0.2.7' })
    await send('GET', '/api/v1/configmaps')
    expect(events[0]).toMatchObject({ sourceIPs: ['203.0.113.9', '10.0.0.1', '192.0.2.7'] })
    expect(events[1]).not.toHaveProperty('sourceIPs')
  })

  it('tells when a watch begins and when it ends', async () => {
    const { send, events } = await audited('rules: [{ level: Metadata, omitStages: [RequestReceived] }]')
    const gone = new AbortController()
    const answer = await send('GET', '/api/v1/configmaps?watch=1', { signal: gone.signal })
    expect(events.map(({ stage }) => stage)).toEqual(['ResponseStarted'])
    gone.abort()
    if (answer.type === 'watch') for await (const _event of answer.events) continue
    expect(events.map(({ stage }) => stage)).toEqual(['ResponseStarted', 'ResponseComplete'])
  })

  it('is kept in files of a bounded size, each line an event', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orrery-audit-'))
    const failed = (error: Error): void => expect.fail(error.message)
    const log = openAuditLog({ path: join(folder, 'audit.log'), maxBytes: 200, maxBackups: 2, failed })
    for (let index = 0; index < 20; index++) log.sink({ stage: 'ResponseComplete', index, text: 'x'.repeat(30) })
    await log.dispose()
    expect((await readdir(folder)).toSorted()).toEqual(['audit.log', 'audit.log.1', 'audit.log.2'])
    const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ index: 19 })
    await rm(folder, { recursive: true })
  })
})

describe('an audit policy', () => {
  it.each([
    ['rules: []', 'rules: at least one is required'],
    ['rules: [{ level: Some }]', 'rules[0].level'],
    ['rules: [{ level: None, omitStages: [Never] }]', 'rules[0].omitStages'],
    ['rules: [{ level: None, namespaces: [a], nonResourceURLs: ["/x"] }]', 'rules[0].nonResourceURLs'],
    ['rules: [null]', 'rules[0]: must be an object'],
    ['rules: [{ level: None, users: jo }]', 'rules[0].users: must be a list'],
  ])('%s is refused', (rules, problem) => {
    expect(() => parseAuditPolicy(policyText(rules))).toThrow(problem)
  })

  it('may leave a list empty', async () => {
    const { send, events } = await audited('rules: [{ level: Metadata, verbs: , omitStages: [RequestReceived] }]')
    await send('GET', '/api/v1/secrets')
    expect(events).toHaveLength(1)
  })
})
