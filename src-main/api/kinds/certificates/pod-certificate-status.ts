/** How a request for a pod's certificate may end (KEP-4317): once, and if with a certificate, then with all about it. */
import { invalid, notSupported, required, tooLong, type FieldError } from '../../field-error.ts'
import { checkEach, sameValue } from '../../meta/field-checks.ts'
import { validateConditions } from '../../meta/validate-conditions.ts'
import type { PodCertificateRequest } from '../../types/certificates-v1beta1.ts'
import { readCertificate, type Certificate } from './certificate.ts'
import { readPem } from './pem.ts'

type Status = Partial<NonNullable<PodCertificateRequest['status']>>

const outcomes = ['Issued', 'Denied', 'Failed']
const longestChainBytes = 10 * 1024
const minuteMs = 60_000

export function validateCertificateStatus(
  object: PodCertificateRequest,
  previous: PodCertificateRequest,
): FieldError[] {
  const [status, before]: [Status, Status] = [object.status ?? {}, previous.status ?? {}]
  const errors = [...validateOutcomes(status), ...validateConditions(status.conditions, 'status.conditions')]
  if (errors.length > 0) return errors
  if (hasEnded(before))
    return keeps(status, before, 'immutable after PodCertificateRequest is issued, denied, or failed')
  if (hasEnded(status, ['Denied', 'Failed'])) {
    const words = 'non-condition status fields must be empty when denying or failing the PodCertificateRequest'
    return keeps(status, { conditions: status.conditions }, words)
  }
  if (hasEnded(status)) return validateIssued(status, object.spec?.maxExpirationSeconds ?? 0)
  return keeps(status, before, 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"')
}

const hasEnded = ({ conditions }: Status, types = outcomes): boolean =>
  (conditions ?? []).some(({ type, status }) => types.includes(type) && status === 'True')

/** The value is not shown. */
function keeps(status: Status, before: Status, detail: string): FieldError[] {
  return sameValue(said(status), said(before))
    ? []
    : [{ type: 'FieldValueInvalid', path: 'status', bare: true, detail }]
}

/** Lists and texts that are empty say nothing. */
const said = (status: Status): object =>
  Object.fromEntries(
    Object.entries(status).filter(([, value]) => !(value === '' || (Array.isArray(value) && value.length === 0))),
  )

function validateOutcomes({ conditions }: Status): FieldError[] {
  let known = 0
  // So Kubernetes writes the places: with a dot before them.
  return checkEach(
    'status.conditions.',
    conditions,
    ({ type = '', status = '' }: { type?: string; status?: string }, at) => {
      if (!outcomes.includes(type)) return [notSupported(`${at}.type`, type, outcomes)]
      known += 1
      const words = 'There may be at most one condition with type "Issued", "Denied", or "Failed"'
      return [
        ...(known > 1 ? [invalid(`${at}.type`, type, words)] : []),
        ...(status === 'True' ? [] : [notSupported(`${at}.status`, status, ['True'])]),
      ]
    },
  )
}

const chainPath = 'status.certificateChain'

function validateIssued(status: Status, longestSeconds: number): FieldError[] {
  const { certificateChain: chain = '' } = status
  if (chain.length > longestChainBytes) return [tooLong(chainPath, longestChainBytes)]
  const refused = (words: string): FieldError[] => [invalid(chainPath, chain, words)]
  const [first, ...others] = readPem(chain)
  if (first === undefined) return refused('issued certificate chain must contain at least one certificate')
  if (first.type !== 'CERTIFICATE')
    return refused('issued certificate chain must consist entirely of CERTIFICATE PEM blocks')
  const leaf = readCertificate(first.bytes)
  if (leaf === undefined) return refused('leaf certificate does not parse as valid X.509')
  const errors = [...leaf.dnsNames.flatMap(validateDnsName), ...validateGiven(status)]
  if (errors.length > 0) return errors
  const wrongTime = validateTimes(status, leaf, longestSeconds)
  if (wrongTime !== undefined) return [wrongTime]
  for (const { type, bytes } of others) {
    // The word is misspelt there.
    if (type !== 'CERTIFICATE')
      return refused('issued certificate chain must consist entirely of CERTFICATE PEM blocks')
    if (readCertificate(bytes) === undefined) return refused('intermediate certificate does not parse as valid X.509')
  }
  return []
}

function validateDnsName(name: string): FieldError[] {
  return [
    ...(name === '' ? [invalid(chainPath, name, 'leaf certificate should not contain empty DNSName')] : []),
    ...(name.includes('..') ? [invalid(chainPath, name, "leaf certificate's DNSName should not contain '..'")] : []),
    ...(name.startsWith('.') || name.endsWith('.')
      ? [invalid(chainPath, name, "leaf certificate's DNSName should not start or end with '.'")]
      : []),
  ]
}

function validateGiven({ notBefore, notAfter, beginRefreshAt }: Status): FieldError[] {
  const words = 'must be present and consistent with the issued certificate'
  const refresh = 'must be present and in the range [notbefore+10min, notafter-10min]'
  return [
    ...(notBefore === undefined ? [required('status.notBefore', words)] : []),
    ...(notAfter === undefined ? [required('status.notAfter', words)] : []),
    ...(beginRefreshAt === undefined ? [required('status.beginRefreshAt', refresh)] : []),
  ]
}

/** Values of Go's own types are shown as Go prints them, without quotes. */
const shown = (path: string, value: string, words: string): FieldError => ({
  type: 'FieldValueInvalid',
  path,
  bare: true,
  detail: `${value}: ${words}`,
})

const timeText = (ms: number): string =>
  Number.isNaN(ms) ? 'null' : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`

function spanText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const parts = [hours > 0 ? `${hours}h` : '', seconds >= 60 ? `${minutes}m` : '', `${seconds % 60}s`]
  return `${ms < 0 ? '-' : ''}${parts.join('')}`
}

/** The first of the times that does not fit the certificate. */
function validateTimes(
  { notBefore = '', notAfter = '', beginRefreshAt = '' }: Status,
  leaf: Certificate,
  longestSeconds: number,
): FieldError | undefined {
  const [from, until, refresh] = [Date.parse(notBefore), Date.parse(notAfter), Date.parse(beginRefreshAt)]
  const lifetime = leaf.notAfter - leaf.notBefore
  const rules: readonly (readonly [boolean, string, string, string])[] = [
    [
      from !== leaf.notBefore,
      'status.notBefore',
      timeText(from),
      'must be set to the NotBefore time encoded in the leaf certificate',
    ],
    [
      until !== leaf.notAfter,
      'status.notAfter',
      timeText(until),
      'must be set to the NotAfter time encoded in the leaf certificate',
    ],
    [lifetime < 60 * minuteMs, chainPath, spanText(lifetime), 'leaf certificate lifetime must be >= 1 hour'],
    [
      lifetime > longestSeconds * 1000,
      chainPath,
      spanText(lifetime),
      `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${longestSeconds})`,
    ],
    [
      refresh < from + 10 * minuteMs,
      'status.beginRefreshAt',
      timeText(refresh),
      'must be at least 10 minutes after status.notBefore',
    ],
    [
      refresh > until - 10 * minuteMs,
      'status.beginRefreshAt',
      timeText(refresh),
      'must be at least 10 minutes before status.notAfter',
    ],
  ]
  const broken = rules.find(([fails]) => fails)
  return broken === undefined ? undefined : shown(broken[1], broken[2], broken[3])
}
