import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { certificateSigningRequest } from '../../api/kinds/certificates/certificate-signing-request.ts'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { node as nodeKind } from '../../api/kinds/core/node.ts'
import { persistentVolume } from '../../api/kinds/core/persistent-volume.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import { secret } from '../../api/kinds/core/secret.ts'
import { serviceAccount } from '../../api/kinds/core/service-account.ts'
import { kindByName } from '../../api/kinds/index.ts'
import type { Pod, PodSpec } from '../../api/types/core-v1.ts'
import type { Client } from '../../client/client.ts'
import { createClient } from '../../client/resource-client.ts'
import { nodeIdentity } from '../../cluster/identities.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { makeCertificateRequest } from '../../../test/support/certificate-request.ts'

const at = (name: string) => ({ namespace: 'default', name })
const forbidden = { code: 403 }
let lab: TestServer
let one: Client
let two: Client

beforeEach(async () => {
  lab = await startTestServer()
  one = createClient(lab.server.transport(nodeIdentity('one')))
  two = createClient(lab.server.transport(nodeIdentity('two')))
  for (const name of ['a', 'b', 'pull', 'volume', 'env'])
    await lab.client.create(secret, { metadata: at(name), stringData: { key: name } })
  await lab.client.create(configMap, { metadata: at('settings') })
  await lab.client.create(serviceAccount, { metadata: at('robot') })
})

const podOn = (nodeName: string, name: string, spec: Partial<PodSpec> = {}): Promise<Pod> =>
  lab.client.create(pod, {
    metadata: at(name),
    spec: { nodeName, serviceAccountName: 'robot', containers: [{ name: 'c', image: 'x' }], ...spec },
  })

describe('a node', () => {
  it('reads the secrets, config maps and accounts of its own pods, as long as they are there', async () => {
    await expect(one.get(secret, at('a'))).rejects.toMatchObject(forbidden)
    await podOn('one', 'p', {
      volumes: [
        { name: 's', secret: { secretName: 'a' } },
        { name: 'm', projected: { sources: [{ configMap: { name: 'settings' } }] } },
      ],
      imagePullSecrets: [{ name: 'pull' }],
      containers: [
        { name: 'c', image: 'x', env: [{ name: 'K', valueFrom: { secretKeyRef: { name: 'env', key: 'key' } } }] },
      ],
    })
    for (const name of ['a', 'pull', 'env']) expect(await one.get(secret, at(name))).toBeDefined()
    expect(await one.get(configMap, at('settings'))).toBeDefined()
    expect(await one.get(serviceAccount, at('robot'))).toBeDefined()
    for (const name of ['b', 'volume']) await expect(one.get(secret, at(name))).rejects.toMatchObject(forbidden)
    await expect(two.get(secret, at('a'))).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining("no relationship found between node 'two' and this object"),
    })
    await lab.client.delete(pod, at('p'), { gracePeriodSeconds: 0 })
    await expect(one.get(secret, at('a'))).rejects.toMatchObject(forbidden)
  })

  it('reads the volumes of the claims that its pods mount, and the secrets of these', async () => {
    const csi = { driver: 'd', volumeHandle: 'h', nodeStageSecretRef: { name: 'volume', namespace: 'default' } }
    await lab.client.create(persistentVolume, {
      metadata: { name: 'disk' },
      spec: {
        csi,
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        claimRef: { namespace: 'default', name: 'data' },
      },
    })
    await expect(one.get(persistentVolume, { name: 'disk' })).rejects.toMatchObject(forbidden)
    await podOn('one', 'p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] })
    expect(await one.get(persistentVolume, { name: 'disk' })).toBeDefined()
    expect(await one.get(secret, at('volume'))).toBeDefined()
    await expect(two.get(secret, at('volume'))).rejects.toMatchObject(forbidden)
  })

  it('watches one secret of a pod by its name, and never all', async () => {
    await podOn('one', 'p', { volumes: [{ name: 's', secret: { secretName: 'a' } }] })
    const mine = { namespace: 'default', fieldSelector: 'metadata.name=a' }
    expect((await one.list(secret, mine)).items).toHaveLength(1)
    await expect(one.list(secret, { namespace: 'default' })).rejects.toMatchObject(forbidden)
    await expect(one.list(secret, { ...mine, fieldSelector: 'metadata.name!=b' })).rejects.toMatchObject(forbidden)
    await expect(one.list(secret)).rejects.toMatchObject(forbidden)
    const table = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }
    const path = '/api/v1/namespaces/default/secrets?watch=true'
    const asked = lab.send('GET', path, { peer: nodeIdentity('one'), headers: table })
    await expect(asked).rejects.toMatchObject(forbidden)
  })

  it('sees its own pods and its own Node only', async () => {
    await podOn('one', 'p')
    await podOn('two', 'q')
    expect((await one.list(pod, { fieldSelector: 'spec.nodeName=one' })).items).toHaveLength(1)
    expect(await one.get(pod, at('p'))).toBeDefined()
    await expect(one.get(pod, at('q'))).rejects.toMatchObject(forbidden)
    await expect(one.list(pod)).rejects.toMatchObject(forbidden)
    await expect(one.list(pod, { fieldSelector: 'spec.nodeName!=two' })).rejects.toMatchObject(forbidden)
    await one.create(nodeKind, { metadata: { name: 'one' } })
    expect(await one.get(nodeKind, { name: 'one' })).toBeDefined()
    await expect(one.list(nodeKind)).rejects.toMatchObject(forbidden)
    await expect(two.get(nodeKind, { name: 'one' })).rejects.toMatchObject(forbidden)
  })
})

describe('a node may not write', () => {
  const label = (client: Client, name: string, labels: Record<string, string>) =>
    client.patch(nodeKind, { name }, { type: 'merge', patch: { metadata: { labels } } })

  it('labels that say where pods may go, taints, or another node', async () => {
    await one.create(nodeKind, { metadata: { name: 'one', labels: { 'kubernetes.io/hostname': 'one', own: 'x' } } })
    await two.create(nodeKind, { metadata: { name: 'two' } })
    await label(one, 'one', { 'topology.kubernetes.io/zone': 'z', 'node.kubernetes.io/size': 'big', other: 'y' })
    await expect(label(one, 'one', { 'node-restriction.kubernetes.io/secure': 'yes' })).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining('is not allowed to modify labels: node-restriction.kubernetes.io/secure'),
    })
    await expect(label(one, 'one', { 'node-role.kubernetes.io/control-plane': '' })).rejects.toMatchObject(forbidden)
    await expect(label(one, 'two', { own: 'x' })).rejects.toMatchObject({
      message: expect.stringContaining('node "one" is not allowed to modify node "two"'),
    })
    const taints = [{ key: 'a', effect: 'NoSchedule' }]
    const patch = one.patch(nodeKind, { name: 'one' }, { type: 'merge', patch: { spec: { taints } } })
    await expect(patch).rejects.toMatchObject({ message: expect.stringContaining('not allowed to modify taints') })
    await expect(one.delete(nodeKind, { name: 'two' })).rejects.toMatchObject(forbidden)
  })

  it('pods of others, or pods that are no mirrors', async () => {
    await podOn('one', 'p')
    await podOn('two', 'q')
    const status = { phase: 'Running' }
    const running = (name: string) =>
      one.patch(pod, at(name), { type: 'strategic', patch: { status } }, { subresource: 'status' })
    await running('p')
    await expect(running('q')).rejects.toMatchObject(forbidden)
    await expect(one.delete(pod, at('q'), { gracePeriodSeconds: 0 })).rejects.toMatchObject(forbidden)
    await expect(one.post(pod, at('q'), 'eviction', { metadata: at('q') })).rejects.toMatchObject(forbidden)
    const mine: Pod = { metadata: at('static'), spec: { nodeName: 'one', containers: [{ name: 'c', image: 'x' }] } }
    await expect(one.create(pod, mine)).rejects.toMatchObject({
      message: expect.stringContaining('can only create mirror pods'),
    })
  })

  it('labels of a pod through its status', async () => {
    await podOn('one', 'p')
    const patch = { metadata: { labels: { app: 'other' } }, status: { phase: 'Running' } }
    const change = one.patch(pod, at('p'), { type: 'strategic', patch }, { subresource: 'status' })
    await expect(change).rejects.toMatchObject({
      message: expect.stringContaining('cannot update labels through pod status'),
    })
  })
})

describe('a node gets', () => {
  const ask = async (subject: string, signer: string) => {
    const { request } = await makeCertificateRequest(subject)
    return one.create(certificateSigningRequest, {
      metadata: { generateName: 'csr-' },
      spec: {
        request: btoa(`${request}\n`),
        signerName: `kubernetes.io/${signer}`,
        usages: ['digital signature', signer === 'kubelet-serving' ? 'server auth' : 'client auth'],
      },
    } as never)
  }

  it.each(['kubelet-serving', 'kube-apiserver-client-kubelet'])(
    'certificates of %s in its own name',
    async (signer) => {
      expect(await ask('O=system:nodes, CN=system:node:one', signer)).toBeDefined()
      await expect(ask('O=system:nodes, CN=system:node:two', signer)).rejects.toMatchObject({
        code: 403,
        message: expect.stringContaining('can only create a node CSR with CN=system:node:one'),
      })
    },
  )

  it('tokens for the audiences of its pods’ volumes and their drivers, and for those that a role names', async () => {
    const keys = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    const { client, server } = await startTestServer({ serviceAccountKeys: keys })
    await client.create(serviceAccount, { metadata: at('robot') })
    await client.create(kindByName('storage.k8s.io/v1', 'CSIDriver')!, {
      metadata: { name: 'csi.example.com' },
      spec: { tokenRequests: [{ audience: 'of-driver' }] },
    } as never)
    const { metadata } = await client.create(pod, {
      metadata: at('p'),
      spec: {
        nodeName: 'one',
        serviceAccountName: 'robot',
        automountServiceAccountToken: false,
        containers: [{ name: 'c', image: 'x' }],
        volumes: [
          { name: 't', projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'of-volume' } }] } },
          { name: 'd', csi: { driver: 'csi.example.com' } },
        ],
      },
    })
    const node = createClient(server.transport(nodeIdentity('one')))
    const boundObjectRef = { kind: 'Pod', name: 'p', uid: metadata.uid }
    const token = (...audiences: string[]) =>
      node.post(serviceAccount, at('robot'), 'token', { spec: { audiences, boundObjectRef } })
    await token('of-volume')
    await token('of-driver')
    await expect(token('other')).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining(
        'audience "other" not found in pod spec volume, system:node:one is not authorized to request tokens for this audience',
      ),
    })
    // No volume has a token for the server itself.
    await expect(token()).rejects.toMatchObject(forbidden)
    await expect(token('of-volume', 'of-driver')).rejects.toMatchObject(forbidden)
    const group = 'rbac.authorization.k8s.io'
    const verbs = ['request-serviceaccounts-token-audience']
    await client.create(kindByName(`${group}/v1`, 'ClusterRole')!, {
      metadata: { name: 'other' },
      rules: [{ verbs, apiGroups: [''], resources: ['other'], resourceNames: ['robot'] }],
    } as never)
    await client.create(kindByName(`${group}/v1`, 'ClusterRoleBinding')!, {
      metadata: { name: 'other' },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'other' },
      subjects: [{ apiGroup: group, kind: 'Group', name: 'system:nodes' }],
    } as never)
    await token('other')
  })
})
