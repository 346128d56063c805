/** Who asks: what the connection or a bearer token proves, or nobody. */
import { unauthorized } from '../../api/errors.ts'
import type { ServerRequest, UserInfo } from '../request.ts'

/** Who a bearer token stands for; undefined when it is worth nothing. */
export type TokenAuthenticator = (token: string) => Promise<UserInfo | undefined>

/** What a token is worth: somebody, for these of the audiences that were asked for, or nothing and why. */
export type TokenVerdict =
  | {
      readonly user: UserInfo
      readonly audiences: readonly string[]
      /** For the audit log: the token should have been renewed by now. */
      readonly stale?: string
    }
  | { readonly refusal: string }

/** No audiences: those of the API server itself. */
export type TokenReviewer = (token: string, audiences: readonly string[]) => Promise<TokenVerdict>

export interface Authentication {
  readonly user: UserInfo
  readonly stale?: string
}

const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** Throws `Unauthorized` for a token or certificate that is worth nothing, even where anonymous access would do. */
export async function authenticate(
  request: Pick<ServerRequest, 'peer' | 'peerRefused' | 'headers'>,
  tokens: TokenReviewer,
): Promise<Authentication> {
  if (request.peer !== undefined) return { user: authenticated(request.peer) }
  const token = bearerToken(request.headers)
  if (token === undefined && request.peerRefused === true) throw unauthorized()
  if (token === undefined) return { user: anonymous }
  const verdict = await tokens(token, [])
  if ('refusal' in verdict) throw unauthorized()
  return { user: authenticated(verdict.user), ...(verdict.stale === undefined ? {} : { stale: verdict.stale }) }
}

/** A browser cannot set headers of a WebSocket: there the token comes as one of its protocols. */
const protocolPrefix = 'base64url.bearer.authorization.k8s.io.'

function bearerToken(headers: ServerRequest['headers']): string | undefined {
  const found = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')
  if (found !== null) return found[1]
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
  const encoded = protocols.find((one) => one.startsWith(protocolPrefix))?.slice(protocolPrefix.length)
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString()
}

/** The protocols of a WebSocket without the one that is a token, for whoever may not have it. */
export const protocolsWithoutToken = (protocols: string): string =>
  protocols
    .split(',')
    .map((one) => one.trim())
    .filter((one) => !one.startsWith(protocolPrefix))
    .join(', ')

const authenticatedUsers = new WeakMap<UserInfo, UserInfo>()

/** The same object for the same user: what others remember of somebody, they find by it. */
export function authenticated(user: UserInfo): UserInfo {
  if (user.groups.includes('system:authenticated')) return user
  const known = authenticatedUsers.get(user)
  if (known !== undefined) return known
  const made = { ...user, groups: [...user.groups, 'system:authenticated'] }
  authenticatedUsers.set(user, made)
  return made
}
