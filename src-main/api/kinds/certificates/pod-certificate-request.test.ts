import { beforeEach, describe, expect, it } from 'vitest'
import { aCertificate } from '../../../../test/support/certificate.ts'
import { startTestServer, type SendOptions, type TestServer } from '../../../../test/support/api-server.ts'
import type { DynamicObject } from '../../meta/object.ts'

let lab: TestServer
beforeEach(async () => {
  lab = await startTestServer()
})

/** The least that has the form of a certificate request: its information, an algorithm and a signature. */
const der = (tag: number, ...content: number[][]): number[] => [tag, content.flat().length, ...content.flat()]
const info = der(0x30, der(0x02, [0]), der(0x30), der(0x30), der(0xa0))
const stub = Buffer.from(der(0x30, info, der(0x30, der(0x06, [0x2b, 0x65, 0x70])), der(0x03, [0, 1, 2]))).toString(
  'base64',
)

const path = '/apis/certificates.k8s.io/v1beta1/namespaces/default/podcertificaterequests'
const spec = {
  ...{
    signerName: 'example.com/signer',
    podName: 'web',
    podUID: 'u1',
    serviceAccountName: 'robot',
    serviceAccountUID: 'u2',
  },
  ...{ nodeName: 'n1', nodeUID: 'u3', stubPKCS10Request: stub },
}
const aRequest = (changes: object = {}) => ({ metadata: { name: 'r' }, spec: { ...spec, ...changes } })
async function send(method: string, target: string, options?: SendOptions): Promise<DynamicObject> {
  const answer = await lab.send(method, target, options)
  if (answer.type !== 'object') throw new Error('no object')
  return answer.stored.object
}
const pem = aCertificate()
const times = {
  notBefore: '2030-01-01T00:00:00Z',
  beginRefreshAt: '2030-01-01T12:00:00Z',
  notAfter: '2030-01-02T00:00:00Z',
}
const outcome = (type: string) => [
  { type, status: 'True', reason: 'Test', message: '', lastTransitionTime: '2030-01-01T00:00:00Z' },
]
const setStatus = (status: object, peer?: SendOptions) =>
  send('PATCH', `${path}/r/status`, { contentType: 'application/merge-patch+json', body: { status }, ...peer })

describe('a PodCertificateRequest', () => {
  it('is completed, and begins without an outcome', async () => {
    const created = await send('POST', path, { body: { ...aRequest(), status: { certificateChain: pem } } })
    expect(created).toMatchObject({ spec: { maxExpirationSeconds: 86_400 }, status: {} })
    expect(created['status']).toEqual({})
  })

  it.each([
    [{ signerName: 'nobody' }, 'spec.signerName'],
    [{ podName: 'Not A Name' }, 'spec.podName'],
    [{ podUID: '' }, 'spec.podUID'],
    [{ serviceAccountUID: 'x'.repeat(129) }, 'spec.serviceAccountUID'],
    [{ nodeName: '' }, 'spec.nodeName'],
    [{ maxExpirationSeconds: 3599 }, 'spec.maxExpirationSeconds'],
    [
      { maxExpirationSeconds: 86_401, signerName: 'kubernetes.io/kube-apiserver-client-pod' },
      'spec.maxExpirationSeconds',
    ],
    [{ stubPKCS10Request: '' }, 'spec.stubPKCS10Request'],
    [{ stubPKCS10Request: 'AAAA' }, 'spec.stubPKCS10Request'],
  ])('with %j is refused for %s', async (changes, field) => {
    await expect(send('POST', path, { body: aRequest(changes) })).rejects.toMatchObject({
      ...{ code: 422, reason: 'Invalid' },
      details: { causes: [{ field }] },
    })
  })

  it('stays what it was asked for', async () => {
    await send('POST', path, { body: aRequest() })
    const change = { contentType: 'application/merge-patch+json', body: { spec: { podName: 'other' } } }
    await expect(send('PATCH', `${path}/r`, change)).rejects.toThrow('spec: Invalid value')
  })

  it('is issued once, whole, and for good', async () => {
    await send('POST', path, { body: aRequest() })
    await expect(setStatus({ certificateChain: pem })).rejects.toThrow('status is immutable unless transitioning')
    await expect(setStatus({ conditions: outcome('Issued') })).rejects.toThrow(
      'issued certificate chain must contain at least one certificate',
    )
    await expect(setStatus({ conditions: outcome('Maybe') })).rejects.toThrow('Unsupported value: "Maybe"')
    const whole = { conditions: outcome('Issued'), certificateChain: pem, ...times }
    await expect(setStatus({ ...whole, notAfter: times.notBefore })).rejects.toThrow('must be set to the NotAfter time')
    expect(await setStatus(whole)).toMatchObject({ status: { certificateChain: pem } })
    await expect(setStatus({ conditions: outcome('Denied') })).rejects.toThrow(
      'immutable after PodCertificateRequest is issued',
    )
  })

  it('is signed only by those who may sign for its signer', async () => {
    await send('POST', path, { body: aRequest() })
    const body = {
      rules: [{ apiGroups: ['certificates.k8s.io'], resources: ['podcertificaterequests/status'], verbs: ['*'] }],
    }
    const roles = '/apis/rbac.authorization.k8s.io/v1'
    await lab.send('POST', `${roles}/clusterroles`, { body: { metadata: { name: 'writer' }, ...body } })
    await lab.send('POST', `${roles}/clusterrolebindings`, {
      body: {
        metadata: { name: 'writer' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'writer' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'signer' }],
      },
    })
    const peer = { peer: { name: 'signer', groups: ['system:authenticated'] } }
    await expect(setStatus({ conditions: outcome('Denied') }, peer)).rejects.toMatchObject({
      ...{ code: 403, message: expect.stringContaining('signerName "example.com/signer"') },
    })
    expect(await setStatus({ conditions: outcome('Denied') })).toMatchObject({
      status: { conditions: [{ type: 'Denied' }] },
    })
  })

  it('is selected by its signer, pod and node', async () => {
    await send('POST', path, { body: aRequest() })
    for (const [selector, count] of [
      ['spec.nodeName=n1,spec.podName=web', 1],
      ['spec.signerName=example.com/other', 0],
    ]) {
      const answer = await lab.send('GET', `${path}?fieldSelector=${encodeURIComponent(String(selector))}`)
      expect(answer.type === 'list' && answer.items.length).toBe(count)
    }
  })
})

describe('a ClusterTrustBundle', () => {
  const bundles = '/apis/certificates.k8s.io/v1beta1/clustertrustbundles'
  const named = (name: string, more: object = {}) => ({ metadata: { name }, spec: { trustBundle: pem, ...more } })

  it('is named for its signer, and stays its', async () => {
    const signerName = 'example.com/signer'
    await send('POST', bundles, { body: named('example.com:signer:one', { signerName }) })
    await send('POST', bundles, { body: named('nobodys') })
    await expect(send('POST', bundles, { body: named('one', { signerName }) })).rejects.toThrow(
      'must be named with prefix',
    )
    await expect(send('POST', bundles, { body: named('a:b') })).rejects.toThrow('must not have ":" in its name')
    const change = { contentType: 'application/merge-patch+json', body: { spec: { signerName: 'example.com/other' } } }
    await expect(send('PATCH', `${bundles}/example.com:signer:one`, change)).rejects.toMatchObject({ code: 422 })
  })

  it('is attested only by those who may attest for its signer, and selected by it', async () => {
    const peer = { name: 'someone', groups: ['system:authenticated'] }
    const roles = '/apis/rbac.authorization.k8s.io/v1'
    const rules = [{ apiGroups: ['certificates.k8s.io'], resources: ['clustertrustbundles'], verbs: ['*'] }]
    await lab.send('POST', `${roles}/clusterroles`, { body: { metadata: { name: 'w' }, rules } })
    await lab.send('POST', `${roles}/clusterrolebindings`, {
      body: {
        metadata: { name: 'w' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'w' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'someone' }],
      },
    })
    const body = named('example.com:signer:one', { signerName: 'example.com/signer' })
    await expect(send('POST', bundles, { body, peer })).rejects.toMatchObject({ code: 403 })
    await send('POST', bundles, { body: named('nobodys'), peer })
    await send('POST', bundles, { body })
    const answer = await lab.send('GET', `${bundles}?fieldSelector=spec.signerName%3Dexample.com%2Fsigner`)
    expect(answer.type === 'list' && answer.items.length).toBe(1)
  })
})
