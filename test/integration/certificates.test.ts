import 'reflect-metadata'
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { certificateSigningRequest as requestKind } from '../../src-main/api/kinds/certificates/certificate-signing-request.ts'
import { kindByName } from '../../src-main/api/kinds/index.ts'
import { clusterRole } from '../../src-main/api/kinds/rbac/cluster-role.ts'
import type { ClusterRole } from '../../src-main/api/types/rbac-v1.ts'
import type { Client } from '../../src-main/client/client.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import { controllerIdentity, nodeIdentity } from '../../src-main/cluster/identities.ts'
import { startControllers } from '../../src-main/controllers/index.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import type { Disposable } from '../../src-main/lib/disposable.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom, systemRandom } from '../../src-main/lib/random.ts'
import { VirtualClock } from '../../src-main/lib/virtual-clock.ts'
import { openPki, type Pki } from '../../src-main/lab/pki.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { until } from '../support/until.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const clientUsages = ['digital signature', 'client auth']

async function aRequest(subject: string, hosts: string[] = []): Promise<string> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const extensions =
    hosts.length === 0
      ? []
      : [new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns' as const, value })))]
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    extensions,
  })
  return btoa(`${request.toString('pem')}\n`)
}

let folder: string
let pki: Pki
let lab: TestServer
let controllers: Disposable
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orrery-pki-'))
  const parts = { clock: new VirtualClock(), random: systemRandom, log: silentLog }
  pki = await openPki({ folder, lab: 'default', ...parts, serviceAddress: '10.96.0.1' })
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  lab = await startTestServer()
  controllers = startControllers({
    clientFor: (name) => createClient(lab.server.transport(controllerIdentity(name))),
    ...{ clock: lab.clock, random: seededRandom(1), log: silentLog, probe: silentProbe, rootCertificates: '' },
    signCertificate: pki.sign,
  })
})
afterEach(() => controllers.dispose())

const as = (name: string, ...groups: string[]): Client => createClient(lab.server.transport({ name, groups }))
const ask = async (client: Client, name: string, signer: string, request: string, more: object = {}) =>
  client.create(requestKind, {
    metadata: { name },
    spec: { request, signerName: `kubernetes.io/${signer}`, usages: clientUsages, ...more },
  })
const approve = async (client: Client, name: string, type = 'Approved') => {
  const found = await lab.client.get(requestKind, { name })
  const status = { conditions: [{ type, status: 'True', reason: 'Test', message: 'by a test' }] }
  return client.update(requestKind, { ...found, status }, { subresource: 'approval' })
}
const settled = (name: string) =>
  until(
    'an end of the request',
    async () => {
      await lab.clock.advance(100)
      const found = await lab.client.get(requestKind, { name })
      const isFailed = found.status?.conditions?.some(({ type }) => type === 'Failed')
      return (found.status?.certificate ?? '') !== '' || isFailed === true ? found : undefined
    },
    20_000,
    5,
  )

describe('a certificate request', () => {
  it('carries who asks, and is signed once somebody has approved it', async () => {
    await lab.client.create(clusterRole, {
      metadata: { name: 'asker' },
      rules: [{ verbs: ['create'], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'] }],
    })
    await lab.client.create(kindByName('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding')!, {
      metadata: { name: 'asker' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'asker' },
      subjects: [{ kind: 'User', name: 'jo', apiGroup: 'rbac.authorization.k8s.io' }],
    } as never)
    const made = await ask(as('jo', 'dev'), 'jo', 'kube-apiserver-client', await aRequest('O=dev, CN=jo'), {
      username: 'somebody-else',
      expirationSeconds: 3600,
    })
    expect(made.spec).toMatchObject({ username: 'jo', groups: ['dev', 'system:authenticated'] })
    expect(await approve(lab.client, 'jo')).toMatchObject({ status: { conditions: [{ type: 'Approved' }] } })
    const { status } = await settled('jo')
    const certificate = new X509Certificate(Buffer.from(status?.certificate ?? '', 'base64'))
    expect(certificate.subject.split('\n')).toEqual(['O=dev', 'CN=jo'])
    expect(certificate.verify(new X509Certificate(pki.ca).publicKey)).toBe(true)
    const life = Date.parse(certificate.validTo) - lab.clock.now()
    expect(life).toBeGreaterThan(3_000_000)
    expect(life).toBeLessThan(3_700_000)
  })

  it('of a node for itself is approved by itself, and none for another is taken', async () => {
    const request = await aRequest('O=system:nodes, CN=system:node:n1')
    await lab.client.create(kindByName('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding')!, {
      metadata: { name: 'renew' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
      },
      subjects: [{ kind: 'Group', name: 'system:nodes', apiGroup: 'rbac.authorization.k8s.io' }],
    } as never)
    await ask(createClient(lab.server.transport(nodeIdentity('n1'))), 'own', 'kube-apiserver-client-kubelet', request)
    const other = createClient(lab.server.transport(nodeIdentity('n2')))
    await expect(ask(other, 'others', 'kube-apiserver-client-kubelet', request)).rejects.toThrow(
      'can only create a node CSR with CN=system:node:n2',
    )
    const { status } = await settled('own')
    expect(status?.conditions).toMatchObject([{ type: 'Approved', reason: 'AutoApproved' }])
  })

  it('that does not fit its signer fails, and says why', async () => {
    await ask(lab.client, 'odd', 'kubelet-serving', await aRequest('O=system:nodes, CN=system:node:n1'), {
      usages: ['digital signature', 'server auth'],
    })
    await approve(lab.client, 'odd')
    const { status } = await settled('odd')
    expect(status?.conditions).toMatchObject([
      { type: 'Approved' },
      { type: 'Failed', message: 'DNS or IP subjectAltName is required' },
    ])
  })

  it('cannot be had for the group that may do everything, nor approved or signed without a right', async () => {
    const masters = ask(lab.client, 'root', 'kube-apiserver-client', await aRequest('O=system:masters, CN=jo'))
    await expect(masters).rejects.toMatchObject({
      message: expect.stringContaining('signer with system:masters group is not allowed'),
    })
    await ask(lab.client, 'jo', 'kube-apiserver-client', await aRequest('CN=jo'))
    const role: ClusterRole = {
      metadata: { name: 'half' },
      rules: [
        {
          verbs: ['get', 'update'],
          apiGroups: ['certificates.k8s.io'],
          resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
        },
      ],
    }
    await lab.client.create(clusterRole, role)
    await lab.client.create(kindByName('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding')!, {
      metadata: { name: 'half' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'half' },
      subjects: [{ kind: 'User', name: 'half', apiGroup: 'rbac.authorization.k8s.io' }],
    } as never)
    await expect(approve(as('half'), 'jo')).rejects.toMatchObject({
      message: expect.stringContaining('user not permitted to approve requests with signerName'),
    })
    const found = await lab.client.get(requestKind, { name: 'jo' })
    const status = { certificate: btoa(pki.ca) }
    const sign = as('half').update(requestKind, { ...found, status }, { subresource: 'status' })
    await expect(sign).rejects.toMatchObject({ message: expect.stringContaining('user not permitted to sign') })
  })

  it('is removed an hour after it was denied', async () => {
    await ask(lab.client, 'no', 'kube-apiserver-client', await aRequest('CN=jo'))
    await approve(lab.client, 'no', 'Denied')
    await expect(approve(lab.client, 'no', 'Approved')).rejects.toMatchObject({ code: 422 })
    await lab.clock.advance(30 * 60_000)
    expect(await lab.client.get(requestKind, { name: 'no' })).toBeDefined()
    await lab.clock.advance(31 * 60_000)
    await expect(lab.client.get(requestKind, { name: 'no' })).rejects.toMatchObject({ code: 404 })
  })

  it.each([
    [{ request: btoa('nonsense') }, 'spec.request'],
    [{ usages: [] }, 'spec.usages'],
    [{ usages: ['flying'] }, 'spec.usages[0]'],
    [{ signerName: 'nobody' }, 'spec.signerName'],
    [{ signerName: 'kubernetes.io/legacy-unknown' }, 'spec.signerName'],
    [{ expirationSeconds: 599 }, 'spec.expirationSeconds'],
  ])('with %j is invalid', async (more, field) => {
    const made = ask(lab.client, 'bad', 'kube-apiserver-client', await aRequest('CN=jo'), more)
    await expect(made).rejects.toMatchObject({ code: 422, details: { causes: [{ field }] } })
  })
})

describe('a cluster role that takes in others', () => {
  it('follows them', async () => {
    const rule = { verbs: ['get'], apiGroups: ['example.com'], resources: ['things'] }
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
    await lab.client.create(clusterRole, { metadata: { name: 'view-things', labels }, rules: [rule] })
    const has = async (name: string): Promise<boolean> =>
      JSON.stringify((await lab.client.get(clusterRole, { name })).rules).includes('example.com')
    await lab.clock.advanceUntil(async () => (await has('view')) && (await has('edit')) && (await has('admin')), 60_000)
    await lab.client.delete(clusterRole, { name: 'view-things' })
    await lab.clock.advanceUntil(async () => !(await has('view')) && !(await has('admin')), 60_000)
  })
})
