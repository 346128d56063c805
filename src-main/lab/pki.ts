/** The certificates of one lab. The only home of @peculiar/x509, which is loaded only when something must be issued. */
import type * as X509 from '@peculiar/x509'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { CertificateWish, SignCertificate } from '../controllers/certificates/sign.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import { withFolderLock } from '../store/sqlite/folder-lock.ts'
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
  /** An authority of its own for one certificate: by it the server shows itself to the API servers that it aggregates. */
  readonly frontProxy: { readonly ca: string; readonly client: KeyPairPem }
  /** Signs and verifies service account tokens (ES256). */
  readonly serviceAccount: { readonly privateKey: string; readonly publicKey: string }
  /** A client certificate that is valid for a year and is not kept. */
  issueClient(client: ClientName): Promise<KeyPairPem>
  /** The certificate for a request (PKCS #10), in PEM. Rejects when the request is not signed by its own key. */
  readonly sign: SignCertificate
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

/**
 * Reads the lab's certificates, and issues those that are absent, damaged, near their end or made for other names. Of
 * several processes that open them at the same time one issues them, and all have the same ones.
 */
export const openPki = (options: PkiOptions): Promise<Pki> =>
  withFolderLock(options.folder, options.clock, () => readOrIssue(options))

async function readOrIssue(options: PkiOptions): Promise<Pki> {
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
  const proxyAuthority = await keptOrIssued(options, 'front-proxy-ca', {
    subject: { CN: `${authorityName}-front-proxy` },
    purpose: { type: 'authority' },
  })
  const proxyClient = await keptOrIssued(
    options,
    'front-proxy-client',
    { subject: { CN: 'front-proxy-client' }, purpose: { type: 'client' } },
    proxyAuthority,
  )
  return {
    ca: authority.certificate,
    server,
    admin,
    frontProxy: { ca: proxyAuthority.certificate, client: proxyClient },
    serviceAccount: {
      privateKey: signer.key,
      publicKey: createPublicKey(signer.certificate).export({ type: 'spki', format: 'pem' }).toString(),
    },
    sign: (wish) => signRequest(options, wish, authority),
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
  const signingKey = authority === undefined ? keys.privateKey : await signingKeyOf(x509, authority)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(options.random),
    subject: subject.toString(),
    issuer: issuer?.subject ?? subject.toString(),
    notBefore: new Date(now - slackMs),
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

/** Some slack for a client whose clock is behind. */
const slackMs = 5 * 60_000

async function signRequest(
  options: Pick<PkiOptions, 'clock' | 'random'>,
  { request, usages, seconds }: CertificateWish,
  authority: KeyPairPem,
): Promise<string> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const asked = new x509.Pkcs10CertificateRequest(request)
  if (!(await asked.verify())) throw new Error('unable to verify the signature of the request')
  const now = options.clock.now()
  const issuer = new x509.X509Certificate(authority.certificate)
  const names = asked.getExtension('2.5.29.17')
  const purposes = usages.flatMap((usage) => purposeOf(x509, usage) ?? [])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(options.random),
    subject: asked.subject,
    issuer: issuer.subject,
    notBefore: new Date(now - slackMs),
    notAfter: new Date(Math.min(now + seconds * 1000, issuer.notAfter.getTime())),
    publicKey: asked.publicKey,
    signingKey: await signingKeyOf(x509, authority),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(usageFlags(x509, usages), true),
      ...(purposes.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(purposes)]),
      ...(names === null ? [] : [names]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

const signingKeyOf = (x509: typeof X509, authority: KeyPairPem) =>
  crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(authority.key), algorithm, false, ['sign'])

/** A leading digit below 8 keeps the number positive in DER. */
const serialNumber = (random: Random): string => `4${random.uuid().replaceAll('-', '').slice(1)}`

function usageFlags(x509: typeof X509, usages: readonly string[]): number {
  const flags = x509.KeyUsageFlags
  const known: Readonly<Record<string, number>> = {
    signing: flags.digitalSignature,
    'digital signature': flags.digitalSignature,
    'content commitment': flags.nonRepudiation,
    'key encipherment': flags.keyEncipherment,
    'key agreement': flags.keyAgreement,
    'data encipherment': flags.dataEncipherment,
  }
  return usages.reduce((sum, usage) => sum | (known[usage] ?? 0), 0)
}

function purposeOf(x509: typeof X509, usage: string): string | undefined {
  const purposes = x509.ExtendedKeyUsage
  if (usage === 'client auth') return purposes.clientAuth
  if (usage === 'server auth') return purposes.serverAuth
  if (usage === 'code signing') return purposes.codeSigning
  return usage === 'email protection' ? purposes.emailProtection : undefined
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
