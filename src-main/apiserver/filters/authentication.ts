/** Who asks: what the connection or a bearer token proves, or nobody. */
import { unauthorized } from '../../api/errors.ts'
import type { ServerRequest, UserInfo } from '../request.ts'

/** Who a bearer token stands for; undefined when it is worth nothing. */
export type TokenAuthenticator = (token: string) => Promise<UserInfo | undefined>

const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** Throws `Unauthorized` for a token that is worth nothing, even where anonymous access would do. */
export async function authenticate(
  request: Pick<ServerRequest, 'peer' | 'headers'>,
  tokens: TokenAuthenticator | undefined,
): Promise<UserInfo> {
  if (request.peer !== undefined) return authenticated(request.peer)
  const token = bearerToken(request.headers.authorization)
  if (token === undefined) return anonymous
  const user = await tokens?.(token)
  if (user === undefined) throw unauthorized()
  return authenticated(user)
}

function bearerToken(header: string | undefined): string | undefined {
  const found = /^bearer +(\S+)$/i.exec(header ?? '')
  return found?.[1]
}

export function authenticated(user: UserInfo): UserInfo {
  return user.groups.includes('system:authenticated')
    ? user
    : { ...user, groups: [...user.groups, 'system:authenticated'] }
}
