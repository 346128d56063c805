/** Who a client certificate says that its holder is. */
import type { TLSSocket } from 'node:tls'
import type { UserInfo } from './request.ts'

export type PeerIdentity =
  | { readonly type: 'none' }
  | { readonly type: 'user'; readonly user: UserInfo }
  /** A certificate that the lab's authority did not issue, or that is not valid now. */
  | { readonly type: 'refused'; readonly reason: string }

const known = new WeakMap<TLSSocket, PeerIdentity>()

/** Read once per connection: the common name is the user, the organizations are its groups. */
export function peerIdentity(socket: TLSSocket): PeerIdentity {
  const before = known.get(socket)
  if (before !== undefined) return before
  const identity = read(socket)
  known.set(socket, identity)
  return identity
}

function read(socket: TLSSocket): PeerIdentity {
  const certificate = socket.getPeerCertificate()
  if (Object.keys(certificate).length === 0) return { type: 'none' }
  if (!socket.authorized) return { type: 'refused', reason: String(socket.authorizationError) }
  const { CN, O } = certificate.subject as { CN?: string | string[]; O?: string | string[] }
  const [name = ''] = [CN ?? []].flat()
  if (name === '') return { type: 'refused', reason: 'the certificate names nobody' }
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
  return {
    type: 'user',
    user: {
      name,
      groups: [O ?? []].flat(),
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
    },
  }
}
