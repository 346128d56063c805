/** What a CertificateSigningRequest must be like, and what each of its subresources may change. */
import { duplicate, forbidden, invalid, notSupported, required, tooLong, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, sameValue } from '../../meta/field-checks.ts'
import { dnsLabelProblems, dnsSubdomainProblems } from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../types/certificates-v1.ts'
import { readCertificateRequest } from './certificate-request.ts'
import { readCertificate } from './certificate.ts'
import { readPem } from './pem.ts'
import { legacyUnknownSigner } from './signers.ts'

const shortestSeconds = 600

export const keyUsages: readonly string[] = [
  ...['any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment'],
  ...['decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system', 'ipsec tunnel'],
  ...['ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime'],
  ...['server auth', 'signing', 'timestamping'],
]

type Request = CertificateSigningRequest
type Condition = CertificateSigningRequestCondition

/** Of a request that is stored, `previous`, what came in under other rules may stay. */
export function validateRequest({ spec, status }: Request, previous?: Request): FieldError[] {
  const { request = '', usages = [], signerName = '', expirationSeconds: seconds } = spec ?? {}
  const words = 'may not specify a duration less than 600 seconds (10 minutes)'
  return [
    ...(readCertificateRequest(request) === undefined
      ? [invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST')]
      : []),
    ...(usages.length === 0 ? [required('spec.usages')] : []),
    ...unlessBefore(previous, ({ spec: stored }) => unknownUsages(stored?.usages ?? []), unknownUsages(usages)),
    ...unlessBefore(previous, ({ spec: stored }) => repeatedUsages(stored?.usages ?? []), repeatedUsages(usages)),
    ...(signerName === legacyUnknownSigner && previous?.spec?.signerName !== legacyUnknownSigner
      ? [invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version')]
      : validateSignerName('spec.signerName', signerName)),
    ...(seconds !== undefined && seconds < shortestSeconds ? [invalid('spec.expirationSeconds', seconds, words)] : []),
    ...validateConditions(status?.conditions ?? [], previous?.status?.conditions ?? []),
    ...validateCertificate(status?.certificate, previous),
  ]
}

/** Errors that the stored request has too are no longer told. */
const unlessBefore = (
  previous: Request | undefined,
  ofStored: (stored: Request) => FieldError[],
  errors: FieldError[],
): FieldError[] => (previous !== undefined && ofStored(previous).length > 0 ? [] : errors)

const unknownUsages = (usages: readonly string[]): FieldError[] =>
  checkEach('spec.usages', usages, (usage, path) =>
    keyUsages.includes(usage) ? [] : [notSupported(path, usage, keyUsages)],
  )

function repeatedUsages(usages: readonly string[]): FieldError[] {
  const isRepeat = repeats()
  return checkEach('spec.usages', usages, (usage, path) => (isRepeat(usage) ? [duplicate(path, usage)] : []))
}

/** A domain and a path: `example.com/signer-name`. */
export function validateSignerName(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)]
  const [domain = '', signer, ...more] = name.split('/')
  if (signer === undefined || more.length > 0)
    return [invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  return [
    ...(domain.length > longestDomain ? [tooLong(path, longestDomain)] : []),
    ...checkLabels(path, domain, dnsLabelProblems),
    ...(domain.includes('.')
      ? []
      : [invalid(path, domain, 'should be a domain with at least two segments separated by dots')]),
    ...checkLabels(path, signer, dnsSubdomainProblems),
    ...(name.length > longestSigner ? [tooLong(path, longestSigner)] : []),
  ]
}

const longestDomain = 253
/** A domain, a namespace and a name in it with what is between them. */
const longestSigner = 571

/** Only the first bad label is told. */
function checkLabels(path: string, value: string, rule: (label: string) => string[]): FieldError[] {
  for (const label of value.split('.')) {
    const problems = rule(label)
    if (problems.length > 0)
      return problems.map((words) => invalid(path, value, `validating label ${JSON.stringify(label)}: ${words}`))
  }
  return []
}

const decisions = ['Approved', 'Denied', 'Failed']

const exclusive = 'Approved and Denied conditions are mutually exclusive'

function validateConditions(conditions: readonly Condition[], before: readonly Condition[]): FieldError[] {
  const stored = typesOf(before)
  const wasBoth = stored.has('Approved') && stored.has('Denied')
  const hadRepeats = stored.size < before.length
  const seen = new Set<string>()
  return checkEach('status.conditions', conditions, ({ type = '', status = '' }, path) => {
    const allowed = decisions.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined
    const isRepeat = seen.has(type)
    seen.add(type)
    return [
      ...(type === '' && !stored.has('') ? [required(`${path}.type`)] : []),
      ...checkOneOf(`${path}.status`, status, allowed),
      ...(other !== undefined && seen.has(other) && !wasBoth ? [invalid(`${path}.type`, type, exclusive)] : []),
      ...(isRepeat && !hadRepeats ? [duplicate(`${path}.type`, type)] : []),
    ]
  })
}

const typesOf = (conditions: readonly Condition[]): ReadonlySet<string> =>
  new Set(conditions.map(({ type = '' }: Partial<Condition>) => type))

function validateCertificate(certificate: string | undefined, previous: Request | undefined): FieldError[] {
  const stored = previous?.status?.certificate ?? ''
  if (previous !== undefined && ((certificate ?? '') === stored || certificateProblem(stored) !== undefined)) return []
  const problem = certificateProblem(certificate ?? '')
  return problem === undefined ? [] : [invalid('status.certificate', '<certificate data>', problem)]
}

function certificateProblem(base64: string): string | undefined {
  if (base64 === '') return undefined
  const blocks = readPem(decoded(base64))
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    if (hasHeaders) return 'no PEM block headers are permitted'
    if (readCertificate(bytes) === undefined) return 'x509: malformed certificate'
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

function decoded(base64: string): string {
  try {
    return atob(base64)
  } catch {
    // Not base64: certainly no certificate.
    return ''
  }
}

/** What was decided stays; only `approval` decides, and only `status` brings a certificate, once. */
export function validateRequestUpdate(object: Request, previous: Request, subresource: string): FieldError[] {
  const path = 'status.conditions'
  const listOf = ({ status }: Request, type: string): Condition[] =>
    (status?.conditions ?? []).filter((one) => one.type === type)
  const removed = decisions.filter((type) => listOf(object, type).length < listOf(previous, type).length)
  const errors = removed.map((type) => forbidden(path, `updates may not remove a condition of type "${type}"`))
  if (subresource !== 'approval')
    for (const type of ['Approved', 'Denied']) {
      const [now, before] = [listOf(object, type), listOf(previous, type)]
      if (now.length > before.length) errors.push(forbidden(path, `updates may not add a condition of type "${type}"`))
      else if (now.length === before.length && !sameValue(now, before))
        errors.push(forbidden(path, `updates may not modify a condition of type "${type}"\n`))
    }
  const { certificate: before = '' } = previous.status ?? {}
  if ((object.status?.certificate ?? '') === before) return errors
  if (subresource !== 'status') errors.push(forbidden('status.certificate', 'updates may not set certificate content'))
  else if (before !== '')
    errors.push(forbidden('status.certificate', 'updates may not modify existing certificate content'))
  return errors
}
