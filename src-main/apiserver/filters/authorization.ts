/** Refuses, in the words that clients know, what the authorizer does not allow. */
import { forbiddenRequest, StatusError } from '../../api/errors.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { AccessRequest, Decision } from '../authorization/decision.ts'
import type { UserInfo } from '../request.ts'
import type { ResourceTarget } from './request-info.ts'

export type { AccessRequest } from '../authorization/decision.ts'

/** Throws `Forbidden` when the request is not allowed; otherwise says why it is. */
export function authorize(user: UserInfo, info: AccessRequest, authorizer: Authorizer): Decision {
  const decision = authorizer.decide(user, info)
  if (!decision.allowed) throw refusal(user, info, decision.reason)
  return decision
}

export function refusal(user: UserInfo, info: AccessRequest, reason: string): StatusError {
  const who = `User ${JSON.stringify(user.name)} cannot ${info.verb}`
  const why = reason === '' ? '' : `: ${reason}`
  if (info.type === 'path')
    return new StatusError(403, 'Forbidden', `forbidden: ${who} path ${JSON.stringify(info.path)}${why}`, {})
  const { group, name, namespace } = info.target
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const what = `resource ${JSON.stringify(fullResource(info.target))} in API group ${JSON.stringify(group)}`
  return forbiddenRequest(info.target, name, `${who} ${what} ${where}${why}`)
}

export const fullResource = ({ plural, subresource }: ResourceTarget): string =>
  subresource === '' ? plural : `${plural}/${subresource}`
