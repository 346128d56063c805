/** May this user do this? An explicit table (`rules.ts`), and no for everything that it does not name. */
import { forbiddenRequest, StatusError } from '../../api/errors.ts'
import type { UserInfo } from '../request.ts'
import type { ResourceTarget } from './request-info.ts'
import { discoveryPaths, openPaths, rulesOfGroups, rulesOfUsers, type Rule } from './rules.ts'

/** What somebody wants to do: a request, or a question about one. */
export type AccessRequest =
  | { readonly type: 'resource'; readonly verb: string; readonly target: ResourceTarget }
  | { readonly type: 'path'; readonly verb: string; readonly path: string }

/** Throws `Forbidden` in Kubernetes' words when the request is not allowed. */
export function authorize(user: UserInfo, info: AccessRequest): void {
  if (isAllowed(user, info)) return
  const who = `User ${JSON.stringify(user.name)} cannot ${info.verb}`
  if (info.type === 'path')
    throw new StatusError(403, 'Forbidden', `forbidden: ${who} path ${JSON.stringify(info.path)}`, {})
  const { group, name, namespace } = info.target
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const what = `resource ${JSON.stringify(fullResource(info.target))} in API group ${JSON.stringify(group)}`
  throw forbiddenRequest(info.target, name, `${who} ${what} ${where}`)
}

export function isAllowed(user: UserInfo, info: AccessRequest): boolean {
  if (user.groups.includes('system:masters')) return true
  if (info.type === 'path') {
    if (openPaths.has(info.path)) return info.verb === 'get' || info.verb === 'head'
    return info.verb === 'get' && user.groups.includes('system:authenticated') && isDiscovery(info.path)
  }
  return rulesFor(user).some((rule) => covers(rule, user, info.verb, info.target))
}

const isDiscovery = (path: string): boolean =>
  discoveryPaths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))

export function rulesFor(user: UserInfo): Rule[] {
  if (user.groups.includes('system:masters')) return [{ verbs: ['*'], groups: ['*'], resources: ['*'] }]
  return [...(rulesOfUsers.get(user.name) ?? []), ...user.groups.flatMap((group) => rulesOfGroups.get(group) ?? [])]
}

function covers(rule: Rule, user: UserInfo, verb: string, target: ResourceTarget): boolean {
  if (!includes(rule.verbs, verb) || !includes(rule.groups, target.group)) return false
  if (!includes(rule.resources, fullResource(target))) return false
  if (rule.namespaces !== undefined && !rule.namespaces.includes(target.namespace)) return false
  // A creation names the object in its body; that it is the node's own is for admission to check.
  if (rule.ownNode && target.name !== '') return user.name === `system:node:${target.name}`
  return true
}

const includes = (allowed: readonly string[], value: string): boolean =>
  allowed.includes('*') || allowed.includes(value)

const fullResource = ({ plural, subresource }: ResourceTarget): string =>
  subresource === '' ? plural : `${plural}/${subresource}`
