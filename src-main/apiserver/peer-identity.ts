/** Who a client certificate says that its holder is. */
import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { headerValues, prefixedHeaders } from './header-values.ts'
import type { ServerRequest, UserInfo } from './request.ts'

export interface ClientAuthorities {
  /** PEM. */
  readonly client: string
  /** Whose word is taken for who asks, by `X-Remote-User` and the like; absent: nobody's. */
  readonly frontProxy?: { readonly ca: string; readonly allowedNames: readonly string[] }
}

export type PeerIdentity =
  | { readonly type: 'none' }
  | { readonly type: 'user'; readonly user: UserInfo }
  /** It speaks for others, whom its headers name. */
  | { readonly type: 'proxy' }
  /** A certificate that no authority of this lab issued, or that is not valid now. */
  | { readonly type: 'refused'; readonly reason: string }

interface Known {
  readonly identity: PeerIdentity
  readonly validToMs: number
}

const known = new WeakMap<TLSSocket, Known>()

/** Read once per connection, which may outlive the certificate: the common name is the user, the organizations its groups. */
export function peerIdentity(socket: TLSSocket, authorities: ClientAuthorities, nowMs: number): PeerIdentity {
  let read = known.get(socket)
  if (read === undefined) {
    read = readIdentity(socket, authorities)
    known.set(socket, read)
  }
  if (nowMs <= read.validToMs) return read.identity
  return { type: 'refused', reason: 'the certificate has expired' }
}

function readIdentity(socket: TLSSocket, { client, frontProxy }: ClientAuthorities): Known {
  const certificate = socket.getPeerCertificate(true)
  if (Object.keys(certificate).length === 0) return { identity: { type: 'none' }, validToMs: Infinity }
  const validToMs = Date.parse(certificate.valid_to)
  const identityIs = (identity: PeerIdentity): Known => ({ identity, validToMs })
  const refused = (reason: string): Known => ({ identity: { type: 'refused', reason }, validToMs: Infinity })
  if (!socket.authorized) return refused(String(socket.authorizationError))
  const { CN, O } = certificate.subject as { CN?: string | string[]; O?: string | string[] }
  const [name = ''] = [CN ?? []].flat()
  const root = rootOf(certificate).fingerprint256
  if (frontProxy !== undefined && root === fingerprintOf(frontProxy.ca)) {
    if (!frontProxy.allowedNames.includes(name)) return refused(`no front proxy is called ${JSON.stringify(name)}`)
    return identityIs({ type: 'proxy' })
  }
  if (root !== fingerprintOf(client)) return refused('the certificate is of another authority')
  if (name === '') return refused('the certificate names nobody')
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] }
  return identityIs({ type: 'user', user: { name, groups: [O ?? []].flat(), extra } })
}

const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256

function rootOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  let at = certificate
  const seen = new Set([at])
  // An authority that signed itself is its own issuer.
  while (at.issuerCertificate !== undefined && !seen.has(at.issuerCertificate)) {
    at = at.issuerCertificate
    seen.add(at)
  }
  return at
}

/** Whom a front proxy speaks for; undefined when it names nobody. */
export function proxiedUser(request: Pick<ServerRequest, 'headers' | 'rawHeaders'>): UserInfo | undefined {
  const [name = ''] = headerValues(request, 'x-remote-user')
  if (name === '') return undefined
  const [uid = ''] = headerValues(request, 'x-remote-uid')
  const extra = prefixedHeaders(request, 'x-remote-extra-')
  return {
    name,
    groups: headerValues(request, 'x-remote-group'),
    ...(uid === '' ? {} : { uid }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  }
}
