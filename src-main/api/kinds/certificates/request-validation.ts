/** What a CertificateSigningRequest must be like, and what each of its subresources may change. */
import { duplicate, forbidden, invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach, sameValue } from '../../meta/field-checks.ts'
import { subdomainName } from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../types/certificates-v1.ts'
import { readCertificateRequest } from './certificate-request.ts'
import { legacyUnknownSigner } from './signers.ts'

const shortestSeconds = 600

export const keyUsages: readonly string[] = [
  ...['any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment'],
  ...['decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system', 'ipsec tunnel'],
  ...['ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime'],
  ...['server auth', 'signing', 'timestamping'],
]

export function validateRequest({ spec, status }: CertificateSigningRequest): FieldError[] {
  const { request = '', usages = [], signerName = '', expirationSeconds: seconds } = spec ?? {}
  const words = 'may not specify a duration less than 600 seconds (10 minutes)'
  const isRepeat = repeats()
  return [
    ...(readCertificateRequest(request) === undefined
      ? [invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST')]
      : []),
    ...(usages.length === 0 ? [required('spec.usages', 'usages is required')] : []),
    ...checkEach('spec.usages', usages, (usage, path) => [
      ...(keyUsages.includes(usage) ? [] : [notSupported(path, usage, keyUsages)]),
      ...(isRepeat(usage) ? [duplicate(path, usage)] : []),
    ]),
    ...validateSignerName('spec.signerName', signerName),
    ...(signerName === legacyUnknownSigner
      ? [invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version')]
      : []),
    ...(seconds !== undefined && seconds < shortestSeconds ? [invalid('spec.expirationSeconds', seconds, words)] : []),
    ...validateConditions(status?.conditions ?? []),
    ...validateCertificate(status?.certificate),
  ]
}

/** A domain and a path: `example.com/signer-name`. */
export function validateSignerName(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)]
  const [domain = '', ...rest] = name.split('/')
  const signer = rest.join('/')
  if (rest.length !== 1 || signer === '' || domain === '')
    return [invalid(path, name, 'must be a fully qualified domain and path of the form "example.com/signer-name"')]
  if (!domain.includes('.'))
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')]
  return [...subdomainName(domain, false), ...subdomainName(signer, false)].map((words) => invalid(path, name, words))
}

const decisions = ['Approved', 'Denied', 'Failed']

function validateConditions(conditions: readonly CertificateSigningRequestCondition[]): FieldError[] {
  const types = conditions.map(({ type }) => type)
  const isRepeat = repeats()
  const errors = checkEach('status.conditions', conditions, ({ type = '', status = '' }, path) => {
    if (type === '') return [required(`${path}.type`)]
    const own = isRepeat(type) ? [duplicate(`${path}.type`, type)] : []
    if (decisions.includes(type) && status !== 'True') own.push(notSupported(`${path}.status`, status, ['True']))
    else if (!['True', 'False', 'Unknown'].includes(status))
      own.push(notSupported(`${path}.status`, status, ['False', 'True', 'Unknown']))
    return own
  })
  if (types.includes('Approved') && types.includes('Denied'))
    errors.push(invalid('status.conditions', 'Denied', 'Approved and Denied conditions are mutually exclusive'))
  return errors
}

function validateCertificate(certificate: string | undefined): FieldError[] {
  if (certificate === undefined || certificate === '') return []
  const isPem = /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(decoded(certificate))
  return isPem
    ? []
    : [invalid('status.certificate', '<certificate data>', 'must contain at least one CERTIFICATE PEM block')]
}

function decoded(base64: string): string {
  try {
    return atob(base64)
  } catch {
    // Not base64: certainly no certificate.
    return ''
  }
}

export function validateRequestUpdate(
  object: CertificateSigningRequest,
  previous: CertificateSigningRequest,
  subresource: string,
): FieldError[] {
  const before = previous.status?.conditions ?? []
  const after = object.status?.conditions ?? []
  const of = (list: typeof before, type: string) => list.find((one) => one.type === type)
  const errors: FieldError[] = []
  for (const type of decisions)
    if (of(before, type) !== undefined && of(after, type) === undefined)
      errors.push(forbidden('status.conditions', `updates may not remove a condition of type "${type}"`))
  const mayDecide = subresource === 'approval'
  for (const type of ['Approved', 'Denied'])
    if (!mayDecide && of(before, type) === undefined && of(after, type) !== undefined)
      errors.push(forbidden('status.conditions', `updates may not add a condition of type "${type}"`))
  const { certificate = '' } = previous.status ?? {}
  if (certificate !== '' && !sameValue(certificate, object.status?.certificate))
    errors.push(forbidden('status.certificate', 'updates may not change existing certificate data'))
  if (mayDecide && certificate === '' && (object.status?.certificate ?? '') !== '')
    errors.push(forbidden('status.certificate', 'updates may not set certificate data'))
  return errors
}
