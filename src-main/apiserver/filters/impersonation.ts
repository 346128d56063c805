/** A user who may do so acts as somebody else: `kubectl --as`. */
import { badRequest } from '../../api/errors.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import { authenticated } from './authentication.ts'
import { authorize } from './authorization.ts'
import type { RoleSource } from './role-rights.ts'
import type { ResourceTarget } from './request-info.ts'

/** Who the request is to be treated as. Throws `Forbidden` when the user may not impersonate that user or group. */
export function impersonated(user: UserInfo, headers: ServerRequest['headers'], roles: RoleSource): UserInfo {
  const name = headers['impersonate-user'] ?? ''
  const groups = (headers['impersonate-group'] ?? '').split(',').flatMap((group) => group.trim() || [])
  const uid = headers['impersonate-uid'] ?? ''
  if (name === '') {
    if (groups.length > 0 || uid !== '') throw badRequest('impersonation needs the header Impersonate-User')
    return user
  }
  const check = (plural: string, one: string): void =>
    authorize(user, { type: 'resource', verb: 'impersonate', target: targetOf(plural, one) }, roles)
  check('users', name)
  for (const group of groups) check('groups', group)
  if (uid !== '') check('uids', uid)
  const serviceAccount = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name)?.[1]
  const implied =
    serviceAccount === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${serviceAccount}`]
  const all = groups.length > 0 ? groups : implied
  const as: UserInfo = { name, groups: all, ...(uid === '' ? {} : { uid }) }
  return name === 'system:anonymous' ? as : authenticated(as)
}

const targetOf = (plural: string, name: string): ResourceTarget => ({
  ...{ group: '', version: 'v1', plural, name },
  ...{ namespace: '', subresource: '', rest: [] },
})
