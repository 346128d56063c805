import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { pod } from '../../api/kinds/core/pod.ts'
import { serviceAccount } from '../../api/kinds/core/service-account.ts'
import type { TokenRequest } from '../../api/types/authentication-v1.ts'
import { createClient } from '../../client/resource-client.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { createSignedTokens } from './signed-tokens.ts'

const pem = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}
const keys = pem()
const account = { namespace: 'default', name: 'robot' }
const me = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

async function withAccount(): Promise<TestServer> {
  const lab = await startTestServer({ serviceAccountKeys: keys })
  await lab.client.create(serviceAccount, { metadata: account })
  return lab
}
async function tokenOf({ client }: TestServer, spec: TokenRequest['spec'] = {}): Promise<string> {
  const answer = (await client.post(serviceAccount, account, 'token', { spec })) as TokenRequest
  return answer.status?.token ?? ''
}
const asks = ({ send }: TestServer, token: string) =>
  send('POST', me, { peer: undefined, headers: { authorization: `Bearer ${token}` }, body: {} })

async function aPod({ client }: TestServer, name = 'p', nodeName = 'n1') {
  const spec = { containers: [{ name: 'c', image: 'x' }], serviceAccountName: 'robot', nodeName }
  return client.create(pod, { metadata: { name, namespace: 'default' }, spec })
}

describe('a token of a service account', () => {
  it('stands for the account until its time is over', async () => {
    const lab = await withAccount()
    const token = await tokenOf(lab, { expirationSeconds: 600 })
    expect(await asks(lab, token)).toMatchObject({
      object: { status: { userInfo: { username: 'system:serviceaccount:default:robot' } } },
    })
    await lab.clock.advance(700_000)
    await expect(asks(lab, token)).rejects.toMatchObject({ code: 401 })
  })

  it('is worth nothing once its account is another one, or its pod is gone', async () => {
    const lab = await withAccount()
    const { metadata } = await aPod(lab)
    const bound = await tokenOf(lab, { boundObjectRef: { kind: 'Pod', name: 'p', uid: metadata.uid } })
    const free = await tokenOf(lab)
    expect(await asks(lab, bound)).toMatchObject({ code: 201 })
    await lab.client.delete(pod, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 })
    await expect(asks(lab, bound)).rejects.toMatchObject({ code: 401 })
    await lab.client.delete(serviceAccount, account)
    await lab.client.create(serviceAccount, { metadata: account })
    await expect(asks(lab, free)).rejects.toMatchObject({ code: 401 })
  })

  it('cannot be made up, altered, or meant for somebody else', async () => {
    const lab = await withAccount()
    const [head, body, signature] = (await tokenOf(lab)).split('.')
    const claims = JSON.parse(Buffer.from(body ?? '', 'base64url').toString())
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const forged = [
      createSignedTokens(pem()).sign(claims),
      `${head}.${encode({ ...claims, exp: 9_999_999_999 })}.${signature}`,
      `${encode({ alg: 'none' })}.${body}.`,
      `${head}.${body}`,
      await tokenOf(lab, { audiences: ['somebody-else'] }),
    ]
    for (const token of forged) await expect(asks(lab, token)).rejects.toMatchObject({ code: 401 })
  })

  it('is given to a node only for a pod that runs on it as that account', async () => {
    const lab = await withAccount()
    const { metadata } = await aPod(lab)
    const other = await aPod(lab, 'q', 'n2')
    const node = createClient(lab.server.transport({ name: 'system:node:n1', groups: ['system:nodes'] }))
    const ask = (name: string, uid: string) =>
      node.post(serviceAccount, account, 'token', { spec: { boundObjectRef: { kind: 'Pod', name, uid } } })
    await ask('p', metadata.uid)
    await expect(ask('q', other.metadata.uid)).rejects.toMatchObject({ code: 403 })
    await expect(ask('p', 'another')).rejects.toMatchObject({ code: 409 })
    await expect(node.post(serviceAccount, account, 'token', { spec: {} })).rejects.toMatchObject({ code: 403 })
  })

  it('lives at least ten minutes', async () => {
    const lab = await withAccount()
    await expect(tokenOf(lab, { expirationSeconds: 10 })).rejects.toMatchObject({ code: 422 })
  })
})

describe('a pod', () => {
  it('carries its token, the certificates and its namespace', async () => {
    const lab = await withAccount()
    const { spec } = await aPod(lab)
    const [volume] = spec?.volumes ?? []
    expect(volume?.name).toMatch(/^kube-api-access-/)
    expect(spec?.containers[0]?.volumeMounts).toEqual([
      { name: volume?.name, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
    ])
  })

  it('does not, when it or its account does not want to', async () => {
    const lab = await startTestServer({ serviceAccountKeys: keys })
    await lab.client.create(serviceAccount, { metadata: account, automountServiceAccountToken: false })
    expect((await aPod(lab)).spec?.volumes).toBeUndefined()
  })
})
