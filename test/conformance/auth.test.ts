/** Entries of sig-auth that need no container. */
import 'reflect-metadata'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'
import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { certificateSigningRequest } from '../../src-main/api/kinds/certificates/certificate-signing-request.ts'
import { configMap } from '../../src-main/api/kinds/core/config-map.ts'
import { namespace as namespaceKind } from '../../src-main/api/kinds/core/namespace.ts'
import { pod } from '../../src-main/api/kinds/core/pod.ts'
import { serviceAccount } from '../../src-main/api/kinds/core/service-account.ts'
import { createClient } from '../../src-main/client/resource-client.ts'
import { controllerIdentity } from '../../src-main/cluster/identities.ts'
import { startControllers } from '../../src-main/controllers/index.ts'
import { silentProbe } from '../../src-main/glass/probe.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { seededRandom } from '../../src-main/lib/random.ts'
import { startTestServer, type TestServer } from '../support/api-server.ts'
import { until } from '../support/until.ts'

const keys = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
let lab: TestServer
beforeEach(async () => {
  lab = await startTestServer({ serviceAccountKeys: keys })
})

describe('certificate requests', () => {
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
  const aRequest = async (name: string) => {
    const own = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const request = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=jo', keys: own, signingAlgorithm })
    const spec = {
      request: btoa(`${request.toString('pem')}\n`),
      signerName: 'example.com/signer',
      expirationSeconds: 3600,
      usages: ['digital signature', 'key encipherment', 'server auth'],
    }
    return lab.client.create(certificateSigningRequest, { metadata: { name, labels: { test: 'yes' } }, spec } as never)
  }
  const json = async (target: string) => {
    const answer = await lab.send('GET', target)
    if (answer.type === 'bytes') return JSON.parse(Buffer.from(answer.bytes).toString())
    throw new Error(`${target} is no document`)
  }

  it('are discovered, and have every operation, also of approval and status', async () => {
    const { groups } = await json('/apis')
    expect(groups.find(({ name }: { name: string }) => name === 'certificates.k8s.io')).toBeDefined()
    const { versions } = await json('/apis/certificates.k8s.io')
    expect(versions).toContainEqual({ groupVersion: 'certificates.k8s.io/v1', version: 'v1' })
    const { resources } = await json('/apis/certificates.k8s.io/v1')
    const names = resources.map(({ name }: { name: string }) => name)
    for (const suffix of ['', '/approval', '/status']) expect(names).toContain(`certificatesigningrequests${suffix}`)

    const made = await aRequest('one')
    const at = { name: 'one' }
    expect((await lab.client.get(certificateSigningRequest, at)).spec?.expirationSeconds).toBe(3600)
    const listed = await lab.client.list(certificateSigningRequest, { labelSelector: 'test=yes' })
    expect(listed.items.map(({ metadata }) => metadata.name)).toEqual(['one'])
    const watch = await lab.send('GET', `${path}?watch=true&resourceVersion=${made.metadata.resourceVersion}`)
    if (watch.type !== 'watch') throw new Error('no watch')

    const note = (annotations: object) => ({ type: 'merge', patch: { metadata: { annotations } } }) as never
    const patched = await lab.client.patch(certificateSigningRequest, at, note({ patched: 'true' }))
    const updated = { ...patched, metadata: { ...patched.metadata, annotations: { updated: 'true' } } }
    await lab.client.update(certificateSigningRequest, updated)
    const seen: unknown[] = []
    for await (const { type, stored } of watch.events) {
      seen.push([type, stored.object.metadata?.annotations])
      if (seen.length === 2) break
    }
    expect(seen).toEqual([
      ['MODIFIED', { patched: 'true' }],
      ['MODIFIED', { updated: 'true' }],
    ])

    for (const subresource of ['approval', 'status'] as const) {
      const read = await lab.send('GET', `${path}/one/${subresource}`)
      expect(read).toMatchObject({ type: 'object', stored: { object: { metadata: { name: 'one' } } } })
      const type = subresource === 'approval' ? 'Approved' : 'Failed'
      const conditions = (reason: string) => [{ type, status: 'True', reason, message: 'by a test' }]
      const before = await lab.client.get(certificateSigningRequest, at)
      const others = before.status?.conditions ?? []
      const status = { ...before.status, conditions: [...others, ...conditions('Set')] }
      const set = await lab.client.update(certificateSigningRequest, { ...before, status }, { subresource })
      expect(set.status?.conditions).toMatchObject(status.conditions)
      const annotated = await lab.client.patch(certificateSigningRequest, at, note({ [subresource]: 'yes' }), {
        subresource,
      } as never)
      expect(annotated.status?.conditions).toHaveLength(status.conditions.length)
    }

    await lab.client.delete(certificateSigningRequest, at)
    await expect(lab.client.get(certificateSigningRequest, at)).rejects.toMatchObject({ code: 404 })
    for (const name of ['two', 'three']) await aRequest(name)
    await lab.send('DELETE', `${path}?labelSelector=test%3Dyes`)
    expect((await lab.client.list(certificateSigningRequest)).items).toEqual([])
  })
})

describe('service accounts', () => {
  const at = { namespace: 'default', name: 'robot' }

  it.each<[pod: boolean | undefined, account: boolean | undefined, mounted: boolean]>([
    [undefined, undefined, true],
    [undefined, true, true],
    [undefined, false, false],
    [true, undefined, true],
    [true, true, true],
    [true, false, true],
    [false, undefined, false],
    [false, true, false],
    [false, false, false],
  ])('give pods their token: the pod says %s, the account %s: %s', async (ofPod, ofAccount, mounted) => {
    const wish = (value: boolean | undefined) => (value === undefined ? {} : { automountServiceAccountToken: value })
    await lab.client.create(serviceAccount, { metadata: at, ...wish(ofAccount) })
    const { spec } = await lab.client.create(pod, {
      metadata: { namespace: 'default', name: 'p' },
      spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'x' }], ...wish(ofPod) },
    })
    const paths = (spec?.containers[0]?.volumeMounts ?? []).map(({ mountPath }) => mountPath)
    expect(paths).toEqual(mounted ? ['/var/run/secrets/kubernetes.io/serviceaccount'] : [])
  })

  it('know the authority of the cluster in every namespace: it is made, made again, and put right', async () => {
    const controllers = startControllers({
      clientFor: (name) => createClient(lab.server.transport(controllerIdentity(name))),
      ...{ clock: lab.clock, random: seededRandom(1), log: silentLog, probe: silentProbe, rootCertificates: 'PEM' },
    })
    await lab.client.create(namespaceKind, { metadata: { name: 'new' } })
    const place = { namespace: 'new', name: 'kube-root-ca.crt' }
    const isRight = () =>
      until(
        'the authority',
        () =>
          lab.client.get(configMap, place).then(
            ({ data }) => data?.['ca.crt'] === 'PEM',
            () => false,
          ),
        5000,
        1,
      )
    await isRight()
    await lab.client.delete(configMap, place)
    await isRight()
    await lab.client.patch(configMap, place, { type: 'merge', patch: { data: { 'ca.crt': 'wrong' } } })
    await isRight()
    await controllers.dispose()
  })
})
