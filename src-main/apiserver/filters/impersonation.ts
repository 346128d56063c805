/** Acting as somebody else: who may, and who that then is. */
import { badRequest, internalError } from '../../api/errors.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import { headerValues, prefixedHeaders } from '../header-values.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import { authenticated } from './authentication.ts'
import { authorize } from './authorization.ts'
import type { ResourceTarget } from './request-info.ts'

const authenticationGroup = 'authentication.k8s.io'
const extraPrefix = 'impersonate-extra-'

type Asking = Pick<ServerRequest, 'headers' | 'rawHeaders'>

interface Wish {
  readonly name: string
  readonly groups: readonly string[]
  readonly uid: string
  readonly extra: readonly (readonly [key: string, values: readonly string[]])[]
}

/** Who the request is to be treated as. Throws `Forbidden` when the user may not impersonate all that is asked for. */
export function impersonated(user: UserInfo, request: Asking, authorizer: Authorizer): UserInfo {
  const wish = wishOf(request)
  if (wish === undefined) return user
  for (const target of targetsOf(wish)) authorize(user, { type: 'resource', verb: 'impersonate', target }, authorizer)
  const { name, uid, extra } = wish
  const groups = wish.groups.length > 0 ? wish.groups : accountGroups(name)
  const as: UserInfo = {
    name,
    groups,
    ...(uid === '' ? {} : { uid }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  }
  if (name === 'system:anonymous')
    return groups.includes('system:unauthenticated') ? as : { ...as, groups: [...groups, 'system:unauthenticated'] }
  return groups.includes('system:unauthenticated') ? as : authenticated(as)
}

function wishOf(request: Asking): Wish | undefined {
  const { headers } = request
  // Hardly any request has one of them.
  if (!Object.keys(headers).some((header) => header.startsWith('impersonate-'))) return undefined
  const extra = extraOf(request)
  const name = headers['impersonate-user'] ?? ''
  const groups = headerValues(request, 'impersonate-group')
  const uid = headers['impersonate-uid'] ?? ''
  if (name === '') {
    if (groups.length > 0 || uid !== '' || extra.length > 0)
      throw internalError('requested groups, uid or extra without impersonating a user')
    return undefined
  }
  return { name, groups, uid, extra }
}

function extraOf(request: Asking): Wish['extra'] {
  try {
    return prefixedHeaders(request, extraPrefix)
  } catch {
    throw badRequest(`the name of a header that begins with ${extraPrefix} is not well encoded`)
  }
}

const accountPattern = /^system:serviceaccount:([^:]+):([^:]+)$/

function accountGroups(name: string): string[] {
  const namespace = accountPattern.exec(name)?.[1]
  return namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}

/** Everything that the user must have the verb `impersonate` for. */
function targetsOf({ name, groups, uid, extra }: Wish): ResourceTarget[] {
  const [, namespace, account] = accountPattern.exec(name) ?? []
  const user =
    namespace === undefined || account === undefined
      ? targetOf({ plural: 'users', name })
      : targetOf({ plural: 'serviceaccounts', namespace, name: account })
  return [
    user,
    ...groups.map((group) => targetOf({ plural: 'groups', name: group })),
    ...(uid === '' ? [] : [targetOf({ group: authenticationGroup, plural: 'uids', name: uid })]),
    ...extra.flatMap(([key, values]) =>
      values.map((value) =>
        targetOf({ group: authenticationGroup, plural: 'userextras', subresource: key, name: value }),
      ),
    ),
  ]
}

const targetOf = (target: Partial<ResourceTarget>): ResourceTarget => ({
  ...{ group: '', version: 'v1', plural: '', namespace: '', name: '', subresource: '', rest: [] },
  ...target,
})
