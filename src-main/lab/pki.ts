/** The certificates of one lab. The only home of @peculiar/x509, which is loaded only when something must be issued. */
import type * as X509 from '@peculiar/x509'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { readKeyPair, writeKeyPair, type KeyPairPem } from './key-files.ts'

export interface PkiOptions {
  /** Where the certificates and keys live; made when absent. */
  readonly folder: string
  readonly lab: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The first address of the service range: what `kubernetes.default` resolves to. */
  readonly serviceAddress: string
  /** More names or addresses by which the server is reached. */
  readonly extraNames?: readonly string[]
}

export interface ClientName {
  /** The user (CN). */
  readonly name: string
  /** The user's groups (O). */
  readonly groups: readonly string[]
}

export interface Pki {
  /** The authority's certificate, which clients trust. */
  readonly ca: string
  readonly server: KeyPairPem
  /** `kubernetes-admin` of `system:masters`. */
  readonly admin: KeyPairPem
  /** Signs and verifies service account tokens (ES256). */
  readonly serviceAccount: { readonly privateKey: string; readonly publicKey: string }
  /** A client certificate that is valid for a year and is not kept. */
  issueClient(client: ClientName): Promise<KeyPairPem>
}

const dayMs = 86_400_000
const authorityDays = 3650
const certificateDays = 365
const renewBeforeDays = 30

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

type Purpose =
  | { readonly type: 'authority' }
  | { readonly type: 'server'; readonly names: readonly string[] }
  | { readonly type: 'client' }

interface Wanted {
  readonly subject: { readonly CN: string; readonly O?: readonly string[] }
  readonly purpose: Purpose
}

/** Reads the lab's certificates, and issues those that are absent, damaged, near their end or made for other names. */
export async function openPki(options: PkiOptions): Promise<Pki> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  const authorityName = `orrery-${options.lab}`
  const authority = await keptOrIssued(options, 'ca', {
    subject: { CN: authorityName },
    purpose: { type: 'authority' },
  })
  const server = await keptOrIssued(
    options,
    'apiserver',
    { subject: { CN: 'kube-apiserver' }, purpose: { type: 'server', names: serverNames(options) } },
    authority,
  )
  const admin = await keptOrIssued(
    options,
    'admin',
    { subject: { CN: 'kubernetes-admin', O: ['system:masters'] }, purpose: { type: 'client' } },
    authority,
  )
  const signer = await keptOrIssued(options, 'service-account', {
    subject: { CN: `${authorityName}-service-accounts` },
    purpose: { type: 'authority' },
  })
  return {
    ca: authority.certificate,
    server,
    admin,
    serviceAccount: {
      privateKey: signer.key,
      publicKey: createPublicKey(signer.certificate).export({ type: 'spki', format: 'pem' }).toString(),
    },
    issueClient: ({ name, groups }) =>
      issue(options, { subject: { CN: name, O: groups }, purpose: { type: 'client' } }, authority),
  }
}

function serverNames(options: PkiOptions): string[] {
  const service = 'kubernetes.default.svc.cluster.local'.split('.')
  const clusterNames = [1, 2, 3, 5].map((length) => service.slice(0, length).join('.'))
  const names = ['localhost', ...clusterNames, '127.0.0.1', options.serviceAddress, ...(options.extraNames ?? [])]
  return [...new Set(names)]
}

async function keptOrIssued(
  options: PkiOptions,
  file: string,
  wanted: Wanted,
  authority?: KeyPairPem,
): Promise<KeyPairPem> {
  const base = join(options.folder, file)
  const kept = await readKeyPair(base)
  const fault = kept === undefined ? 'absent' : faultOf(kept, wanted, options.clock.now(), authority)
  if (kept !== undefined && fault === undefined) return kept
  options.log.info('issuing a certificate', { file, reason: fault })
  const issued = await issue(options, wanted, authority)
  await writeKeyPair(base, issued)
  return issued
}

/** Why a stored pair cannot be used any more. */
function faultOf(pair: KeyPairPem, wanted: Wanted, now: number, authority?: KeyPairPem): string | undefined {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pair.certificate)
  } catch {
    return 'damaged'
  }
  if (!matchesKey(certificate, pair.key)) return 'the key is of another certificate'
  if (Date.parse(certificate.validFrom) > now) return 'not valid yet'
  if (Date.parse(certificate.validTo) < now + renewBeforeDays * dayMs) return 'near its end'
  if (authority !== undefined && !certificate.verify(createPublicKey(authority.certificate)))
    return 'signed by another authority'
  if (wanted.purpose.type === 'server') {
    const present = new Set(certificate.subjectAltName?.split(', ').map((name) => name.replace(/^[^:]*:/, '')))
    const absent = wanted.purpose.names.find((name) => !present.has(name))
    if (absent !== undefined) return `does not name ${absent}`
  }
  return undefined
}

function matchesKey(certificate: X509Certificate, key: string): boolean {
  try {
    return createPublicKey(key).equals(certificate.publicKey)
  } catch {
    return false
  }
}

async function issue(
  options: Pick<PkiOptions, 'clock' | 'random'>,
  wanted: Wanted,
  authority?: KeyPairPem,
): Promise<KeyPairPem> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const subject = new x509.Name([
    ...(wanted.subject.O ?? []).map((group) => ({ O: [group] })),
    { CN: [wanted.subject.CN] },
  ])
  const now = options.clock.now()
  const days = wanted.purpose.type === 'authority' ? authorityDays : certificateDays
  const issuer = authority === undefined ? undefined : new x509.X509Certificate(authority.certificate)
  const signingKey =
    authority === undefined
      ? keys.privateKey
      : await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(authority.key), algorithm, false, ['sign'])
  const certificate = await x509.X509CertificateGenerator.create({
    // A leading digit below 8 keeps the number positive in DER.
    serialNumber: `4${options.random.uuid().replaceAll('-', '').slice(1)}`,
    subject: subject.toString(),
    issuer: issuer?.subject ?? subject.toString(),
    // Some slack for a client whose clock is behind.
    notBefore: new Date(now - 5 * 60_000),
    notAfter: new Date(now + days * dayMs),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      ...purposeExtensions(x509, wanted.purpose),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? keys.publicKey),
    ],
  })
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
  }
}

function purposeExtensions(x509: typeof X509, purpose: Purpose): X509.Extension[] {
  const usage = x509.KeyUsageFlags
  if (purpose.type === 'authority') {
    const flags = usage.keyCertSign | usage.cRLSign | usage.digitalSignature
    return [new x509.BasicConstraintsExtension(true, undefined, true), new x509.KeyUsagesExtension(flags, true)]
  }
  const common = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(usage.digitalSignature, true),
  ]
  if (purpose.type === 'client')
    return [...common, new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]
  const isAddress = (name: string): boolean => /^[\d.]+$|:/.test(name)
  return [
    ...common,
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(
      purpose.names.map((value) => ({ type: isAddress(value) ? ('ip' as const) : ('dns' as const), value })),
    ),
  ]
}
