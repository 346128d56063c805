import { createPublicKey, generateKeyPairSync, verify, type JsonWebKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { kindByName } from '../../api/kinds/index.ts'
import { node } from '../../api/kinds/core/node.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import { secret } from '../../api/kinds/core/secret.ts'
import { serviceAccount } from '../../api/kinds/core/service-account.ts'
import type { TokenRequest, TokenReview } from '../../api/types/authentication-v1.ts'
import { startControllers } from '../../controllers/index.ts'
import { createClient } from '../../client/resource-client.ts'
import { controllerIdentity } from '../../cluster/identities.ts'
import { silentProbe } from '../../glass/probe.ts'
import { silentLog } from '../../lib/log.ts'
import { seededRandom } from '../../lib/random.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keys = {
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}
const account = { namespace: 'default', name: 'robot' }
const start = async (): Promise<TestServer> => {
  const lab = await startTestServer({ serviceAccountKeys: keys })
  await lab.client.create(serviceAccount, { metadata: account })
  return lab
}
const tokenOf = async ({ client }: TestServer, spec: TokenRequest['spec']): Promise<string> => {
  const answer = (await client.post(serviceAccount, account, 'token', { spec })) as TokenRequest
  return answer.status?.token ?? ''
}
const review = async ({ client }: TestServer, token: string, audiences?: string[]): Promise<TokenReview['status']> => {
  const kind = kindByName('authentication.k8s.io/v1', 'TokenReview')!
  const spec = { token, ...(audiences === undefined ? {} : { audiences }) }
  return ((await client.create(kind, { spec } as object)) as TokenReview).status
}

describe('a token review', () => {
  it('says whose a token is, with all that is known of it', async () => {
    const lab = await start()
    await lab.client.create(node, { metadata: { name: 'n1' } })
    const { metadata } = await lab.client.create(pod, {
      metadata: { namespace: 'default', name: 'p' },
      spec: { nodeName: 'n1', serviceAccountName: 'robot', containers: [{ name: 'c', image: 'x' }] },
    })
    const token = await tokenOf(lab, { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } })
    const name = 'authentication.kubernetes.io'
    expect(await review(lab, token)).toMatchObject({
      authenticated: true,
      user: {
        username: 'system:serviceaccount:default:robot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        extra: {
          [`${name}/credential-id`]: [expect.stringMatching(/^JTI=[0-9a-f-]{36}$/)],
          [`${name}/pod-name`]: ['p'],
          [`${name}/pod-uid`]: [metadata.uid],
          [`${name}/node-name`]: ['n1'],
        },
      },
    })
  })

  it('minds for whom a token is meant', async () => {
    const lab = await start()
    const token = await tokenOf(lab, { audiences: ['vault', 'other'] })
    expect(await review(lab, token, ['vault', 'x'])).toMatchObject({ authenticated: true, audiences: ['vault'] })
    expect(await review(lab, token)).toMatchObject({
      authenticated: false,
      error: expect.stringContaining('is invalid for the target audiences'),
    })
    await expect(review(lab, '')).rejects.toMatchObject({ code: 400 })
  })

  it.each(['Secret', 'Node'] as const)(
    'finds a token that is bound to a %s worthless once that is another one',
    async (kind) => {
      const lab = await start()
      const make = () =>
        kind === 'Secret'
          ? lab.client.create(secret, { metadata: { namespace: 'default', name: 's' } })
          : lab.client.create(node, { metadata: { name: 's' } })
      await make()
      const token = await tokenOf(lab, { boundObjectRef: { kind, apiVersion: 'v1', name: 's' } })
      expect((await review(lab, token))?.authenticated).toBe(true)
      await (kind === 'Secret'
        ? lab.client.delete(secret, { namespace: 'default', name: 's' })
        : lab.client.delete(node, { name: 's' }))
      await make()
      expect((await review(lab, token))?.authenticated).toBe(false)
    },
  )

  it('lets a pod’s default token live on for a year, for clients that do not read it anew', async () => {
    const lab = await start()
    await lab.client.create(pod, {
      metadata: { namespace: 'default', name: 'p' },
      spec: { serviceAccountName: 'robot', containers: [{ name: 'c', image: 'x' }] },
    })
    const bound = { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' }, expirationSeconds: 3607 }
    const token = await tokenOf(lab, bound)
    await lab.clock.advance(24 * 3_600_000)
    expect((await review(lab, token))?.authenticated).toBe(true)
  })
})

describe('a request for a token', () => {
  it.each([
    [{ expirationSeconds: 599 }, 422, 'may not specify a duration less than 10 minutes'],
    [{ expirationSeconds: 2 ** 32 + 1 }, 422, 'may not specify a duration larger than 2^32 seconds'],
    [
      { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } },
      400,
      'cannot bind token to object of type',
    ],
    [{ boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'x' } }, 404, 'secrets "x" not found'],
  ])('%j is refused', async (spec, code, message) => {
    const lab = await start()
    await expect(tokenOf(lab, spec)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })
})

describe('the issuer of tokens', () => {
  it('publishes how to check them, to service accounts alone', async () => {
    const lab = await start()
    const peer = { name: 'system:serviceaccount:default:robot', groups: ['system:serviceaccounts'] }
    const read = async (path: string) => {
      const answer = await lab.send('GET', path, { peer })
      if (answer.type !== 'bytes') throw new Error(answer.type)
      return { ...answer, body: JSON.parse(Buffer.from(answer.bytes).toString()) }
    }
    const token = await tokenOf(lab, {})
    const [head = '', body = '', signature = ''] = token.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
    const { body: found } = await read('/.well-known/openid-configuration')
    expect(found).toMatchObject({ issuer: claims.iss, id_token_signing_alg_values_supported: ['ES256'] })
    expect(found.jwks_uri).toBe(`${claims.iss}/openid/v1/jwks`)
    const { body: set, contentType } = await read('/openid/v1/jwks')
    expect(contentType).toBe('application/jwk-set+json')
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString())
    const jwk: JsonWebKey = set.keys.find((one: { kid: string }) => one.kid === kid)
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const }
    expect(verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
    await expect(lab.send('GET', '/openid/v1/jwks', { peer: { name: 'jo', groups: [] } })).rejects.toMatchObject({
      code: 403,
    })
  })
})

describe('a bootstrap token', () => {
  const token = 'abcdef.0123456789abcdef'
  const put = ({ client }: TestServer, data: Record<string, string>) =>
    client.create(secret, {
      metadata: { namespace: 'kube-system', name: 'bootstrap-token-abcdef' },
      type: 'bootstrap.kubernetes.io/token',
      stringData: {
        'token-id': 'abcdef',
        'token-secret': '0123456789abcdef',
        'usage-bootstrap-authentication': 'true',
        ...data,
      },
    })

  it('stands for its groups until it expires', async () => {
    const lab = await start()
    const later = new Date(lab.clock.now() + 60_000).toISOString()
    await put(lab, { expiration: later, 'auth-extra-groups': 'system:bootstrappers:workers' })
    expect(await review(lab, token)).toMatchObject({
      user: {
        username: 'system:bootstrap:abcdef',
        groups: ['system:bootstrappers', 'system:bootstrappers:workers', 'system:authenticated'],
      },
    })
    expect((await review(lab, 'abcdef.0123456789abcdee'))?.authenticated).toBe(false)
    await lab.clock.advance(61_000)
    expect((await review(lab, token))?.authenticated).toBe(false)
  })

  it.each([
    [{ 'usage-bootstrap-authentication': 'false' }],
    [{ 'auth-extra-groups': 'system:masters' }],
    [{ expiration: 'some day' }],
  ])('with %j is worth nothing', async (data) => {
    const lab = await start()
    await put(lab, data)
    expect((await review(lab, token))?.authenticated).toBe(false)
  })
})

describe('a secret for a token', () => {
  it('is filled in, works until it is deleted, and goes with its account', async () => {
    const lab = await start()
    const { server, client, clock } = lab
    const controllers = startControllers({
      clientFor: (name) => createClient(server.transport(controllerIdentity(name))),
      ...{ clock, random: seededRandom(1), log: silentLog, probe: silentProbe, rootCertificates: 'PEM' },
      ...(server.issueLegacyToken && { issueLegacyToken: server.issueLegacyToken }),
    })
    const ref = { namespace: 'default', name: 'robot-token' }
    const annotations = { 'kubernetes.io/service-account.name': 'robot' }
    await client.create(secret, { metadata: { ...ref, annotations }, type: 'kubernetes.io/service-account-token' })
    await clock.advanceUntil(async () => (await client.get(secret, ref)).data?.['token'] !== undefined, 60_000)
    const { data = {} } = await client.get(secret, ref)
    expect([atob(data['ca.crt'] ?? ''), atob(data['namespace'] ?? '')]).toEqual(['PEM', 'default'])
    const token = atob(data['token'] ?? '')
    expect(await review(lab, token)).toMatchObject({ user: { username: 'system:serviceaccount:default:robot' } })
    await client.delete(serviceAccount, account)
    await clock.advanceUntil(
      () =>
        client.get(secret, ref).then(
          () => false,
          () => true,
        ),
      60_000,
    )
    expect((await review(lab, token))?.authenticated).toBe(false)
    await controllers.dispose()
  })
})
