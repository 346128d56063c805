import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { aBlock, aCertificate } from '../../../../test/support/certificate.ts'
import { makeCertificateRequest } from '../../../../test/support/certificate-request.ts'
import { creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { CertificateSigningRequest } from '../../types/certificates-v1.ts'
import type { ClusterTrustBundle, PodCertificateRequest } from '../../types/certificates-v1beta1.ts'
import { readCertificate } from './certificate.ts'
import { certificateSigningRequest } from './certificate-signing-request.ts'
import { clusterTrustBundle } from './cluster-trust-bundle.ts'
import { readPem } from './pem.ts'
import { validateCertificateStatus } from './pod-certificate-status.ts'
import { fieldErrorBody } from '../../field-error.ts'
import { keyUsages } from './request-validation.ts'

const supported = `supported values: ${keyUsages.map((one) => JSON.stringify(one)).join(', ')}`
const legacy = 'the legacy signerName is not allowed via this API version'

const request = btoa((await makeCertificateRequest('CN=web')).request)

describe('a CertificateSigningRequest', () => {
  const aRequest: CertificateSigningRequest = {
    metadata: { name: 'r' },
    spec: { request, signerName: 'example.com/signer', usages: ['client auth'] },
  }
  const condition = (type: string, status = 'True'): object => ({ type, status, message: 'm' })
  const withStatus = (...conditions: object[]): CertificateSigningRequest =>
    ({ ...aRequest, status: { conditions } }) as CertificateSigningRequest
  const causesOf = (now: CertificateSigningRequest, before: CertificateSigningRequest, subresource: string): string[] =>
    (certificateSigningRequest.validateUpdate?.(now, before, subresource) ?? []).map(
      (error) => `${error.path}: ${fieldErrorBody(error)}`,
    )

  it.each<[Changes, string[]]>([
    [{}, []],
    [{ 'spec.usages': [] }, ['spec.usages: Required value']],
    [
      { 'spec.usages': ['any', 'any', 'odd'] },
      [`spec.usages[2]: Unsupported value: "odd": ${supported}`, 'spec.usages[1]: Duplicate value: "any"'],
    ],
    [
      { 'spec.signerName': 'kubernetes.io/legacy-unknown' },
      [`spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": ${legacy}`],
    ],
    [
      { 'spec.signerName': 'signer' },
      [
        `spec.signerName: Invalid value: "signer": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
      ],
    ],
    [
      { 'spec.signerName': 'com/signer' },
      ['spec.signerName: Invalid value: "com": should be a domain with at least two segments separated by dots'],
    ],
  ])('with %j', (changes, causes) =>
    expect(creationCauses(certificateSigningRequest, aRequest, changes)).toEqual(causes),
  )

  it('keeps what came in under other rules', () => {
    const old = {
      ...aRequest,
      spec: { ...aRequest.spec, signerName: 'kubernetes.io/legacy-unknown', usages: ['odd', 'odd'] },
    }
    expect(causesOf(old, old, '')).toEqual([])
  })

  it.each<[string, object[], object[], string[]]>([
    ['approval', [], [condition('Approved')], []],
    [
      'status',
      [],
      [condition('Approved')],
      ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
    ],
    [
      'approval',
      [condition('Failed')],
      [],
      ['status.conditions: Forbidden: updates may not remove a condition of type "Failed"'],
    ],
    [
      'status',
      [condition('Denied')],
      [{ ...condition('Denied'), message: 'n' }],
      ['status.conditions: Forbidden: updates may not modify a condition of type "Denied"\n'],
    ],
    [
      'approval',
      [],
      [condition('Approved'), condition('Denied', 'False')],
      [
        'status.conditions[1].status: Unsupported value: "False": supported values: "True"',
        'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
      ],
    ],
    [
      'status',
      [],
      [condition(''), condition('Own', ''), condition('Own')],
      [
        'status.conditions[0].type: Required value',
        'status.conditions[1].status: Required value',
        'status.conditions[2].type: Duplicate value: "Own"',
      ],
    ],
  ])('through %s from %j to %j', (subresource, before, now, causes) =>
    expect(causesOf(withStatus(...now), withStatus(...before), subresource)).toEqual(causes),
  )

  it.each<[string, string, string, string[]]>([
    ['status', '', aCertificate(), []],
    ['approval', '', aCertificate(), ['Forbidden: updates may not set certificate content']],
    [
      'status',
      aCertificate(),
      aCertificate({ serial: 2 }),
      ['Forbidden: updates may not modify existing certificate content'],
    ],
    ['status', '', 'none', ['Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block']],
    [
      'status',
      '',
      aBlock(new Uint8Array(1), 'KEY'),
      ['Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "KEY"'],
    ],
  ])('through %s gets a certificate', (subresource, before, now, causes) => {
    const issued = (pem: string): CertificateSigningRequest => ({ ...aRequest, status: { certificate: btoa(pem) } })
    expect(causesOf(issued(now), issued(before), subresource)).toEqual(
      causes.map((cause) => `status.certificate: ${cause}`),
    )
  })
})

describe('a ClusterTrustBundle', () => {
  const aBundle: ClusterTrustBundle = { metadata: { name: 'b' }, spec: { trustBundle: aCertificate() } }
  const omitted = 'spec.trustBundle: Invalid value: "<value omitted>":'
  const withHeader = aCertificate().replace('-----\n', '-----\nA: b\n\n')
  it.each<[string, string[]]>([
    [`some words\n${aCertificate()}`, []],
    ['', [`${omitted} at least one trust anchor must be provided`]],
    ['words', [`${omitted} at least one trust anchor must be provided`]],
    [aCertificate() + withHeader, [`${omitted} entry 1 has PEM block headers`]],
    [aBlock(new Uint8Array(1), 'KEY'), [`${omitted} entry 0 has bad block type: KEY`]],
    [aBlock(new Uint8Array(1)), [`${omitted} entry 0 does not parse as X.509`]],
    [aCertificate({ isAuthority: false }), [`${omitted} entry 0 does not have the CA bit set`]],
    [aCertificate() + aCertificate(), [`${omitted} duplicate trust anchor (indices [0 1])`]],
  ])('of %j', (trustBundle, causes) =>
    expect(creationCauses(clusterTrustBundle, aBundle, { 'spec.trustBundle': trustBundle })).toEqual(causes),
  )

  it('is not read again when it stays', () => {
    const old: ClusterTrustBundle = { metadata: { name: 'b' }, spec: { trustBundle: 'odd' } }
    expect(updateCauses(clusterTrustBundle, old, { 'metadata.labels': { a: 'b' } })).toEqual([])
    expect(updateCauses(clusterTrustBundle, old, { 'spec.trustBundle': 'other' })).toHaveLength(1)
  })

  it('has no colons in its name when it is of nobody', () =>
    expect(creationCauses(clusterTrustBundle, aBundle, { 'metadata.name': 'a:b' })).toEqual([
      'metadata.name: Invalid value: "a:b": ClusterTrustBundle without signer name must not have ":" in its name',
    ]))
})

describe('the status of a PodCertificateRequest', () => {
  const ended = (type: string, status = 'True') => [
    { type, status, reason: 'Test', message: '', lastTransitionTime: '2030-01-01T00:00:00Z' },
  ]
  const whole = {
    conditions: ended('Issued'),
    certificateChain: aCertificate({ isAuthority: false }),
    notBefore: '2030-01-01T00:00:00Z',
    beginRefreshAt: '2030-01-01T12:00:00Z',
    notAfter: '2030-01-02T00:00:00Z',
  }
  const causesOf = (status: object, before: object = {}): string[] => {
    const of = (one: object) => ({ spec: { maxExpirationSeconds: 86_400 }, status: one }) as PodCertificateRequest
    return validateCertificateStatus(of(status), of(before)).map((error) => `${error.path}: ${fieldErrorBody(error)}`)
  }
  const chain = (text: string): string => `status.certificateChain: Invalid value: ${JSON.stringify(text)}:`
  const lasting = (notAfter: string): object => ({
    ...whole,
    notAfter,
    certificateChain: aCertificate({ isAuthority: false, notAfter }),
  })

  it.each<[string, object, object, string[]]>([
    ['is issued', whole, {}, []],
    ['is denied', { conditions: ended('Denied') }, {}, []],
    [
      'is set without an outcome',
      { certificateChain: 'a' },
      {},
      ['status: Invalid value: status is immutable unless transitioning to "Issued", "Denied", or "Failed"'],
    ],
    [
      'is denied with a certificate',
      { ...whole, conditions: ended('Denied') },
      {},
      [
        'status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest',
      ],
    ],
    [
      'is changed afterwards',
      { conditions: ended('Failed') },
      whole,
      ['status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed'],
    ],
    [
      'has another outcome',
      { conditions: ended('Maybe') },
      {},
      ['status.conditions.[0].type: Unsupported value: "Maybe": supported values: "Issued", "Denied", "Failed"'],
    ],
    [
      'has two outcomes, one of them half',
      { conditions: [...ended('Issued'), ...ended('Failed', 'False')] },
      {},
      [
        'status.conditions.[1].type: Invalid value: "Failed": There may be at most one condition with type "Issued", "Denied", or "Failed"',
        'status.conditions.[1].status: Unsupported value: "False": supported values: "True"',
      ],
    ],
    [
      'is issued without a certificate',
      { ...whole, certificateChain: '' },
      {},
      [`${chain('')} issued certificate chain must contain at least one certificate`],
    ],
    [
      'is issued without times',
      { conditions: whole.conditions, certificateChain: whole.certificateChain },
      {},
      [
        'status.notBefore: Required value: must be present and consistent with the issued certificate',
        'status.notAfter: Required value: must be present and consistent with the issued certificate',
        'status.beginRefreshAt: Required value: must be present and in the range [notbefore+10min, notafter-10min]',
      ],
    ],
    [
      'is issued with another time',
      { ...whole, notBefore: '2030-01-01T00:00:01Z' },
      {},
      [
        'status.notBefore: Invalid value: 2030-01-01 00:00:01 +0000 UTC: must be set to the NotBefore time encoded in the leaf certificate',
      ],
    ],
    [
      'is issued for too short',
      lasting('2030-01-01T00:59:00Z'),
      {},
      ['status.certificateChain: Invalid value: 59m0s: leaf certificate lifetime must be >= 1 hour'],
    ],
    [
      'is issued for too long',
      lasting('2030-01-02T00:00:01Z'),
      {},
      [
        'status.certificateChain: Invalid value: 24h0m1s: leaf certificate lifetime must be <= spec.maxExpirationSeconds (86400)',
      ],
    ],
    [
      'is to be asked for anew at once',
      { ...whole, beginRefreshAt: '2030-01-01T00:09:00Z' },
      {},
      [
        'status.beginRefreshAt: Invalid value: 2030-01-01 00:09:00 +0000 UTC: must be at least 10 minutes after status.notBefore',
      ],
    ],
    [
      'is issued with a bad name',
      { ...whole, certificateChain: aCertificate({ dnsNames: ['.a'] }) },
      {},
      [`status.certificateChain: Invalid value: ".a": leaf certificate's DNSName should not start or end with '.'`],
    ],
  ])('that %s', (_, status, before, causes) => expect(causesOf(status, before)).toEqual(causes))
})

describe('what is read of a certificate', () => {
  it('is what others read of it', () => {
    const pem = aCertificate({ dnsNames: ['a.example.com'] })
    const other = new X509Certificate(pem)
    const [block] = readPem(pem)
    expect(readCertificate(block?.bytes ?? new Uint8Array())).toEqual({
      isAuthority: other.ca,
      notBefore: Date.parse(other.validFrom),
      notAfter: Date.parse(other.validTo),
      dnsNames: ['a.example.com'],
    })
  })

  it('takes a time that grows with the text, not with its square', () => {
    const begun = '-----BEGIN CERTIFICATE-----\n'.repeat(30_000)
    expect(readPem(`${begun}\n-----END KEY-----\n`)).toEqual([])
  })
})
