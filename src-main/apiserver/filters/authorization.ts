/**
 * May this user do this? An explicit table (`rules.ts`) for the identities of the cluster itself, the stored roles for
 * all others, and no for everything that neither names.
 */
import { forbiddenRequest, StatusError } from '../../api/errors.ts'
import type { PolicyRule } from '../../api/types/rbac-v1.ts'
import type { UserInfo } from '../request.ts'
import { boundRules, ruleAllows, type RoleSource } from './role-rights.ts'
import type { ResourceTarget } from './request-info.ts'
import { discoveryPaths, openPaths, rulesOfGroups, rulesOfUsers, type Rule } from './rules.ts'

/** What somebody wants to do: a request, or a question about one. */
export type AccessRequest =
  | { readonly type: 'resource'; readonly verb: string; readonly target: ResourceTarget }
  | { readonly type: 'path'; readonly verb: string; readonly path: string }

/** Throws `Forbidden` in Kubernetes' words when the request is not allowed. */
export function authorize(user: UserInfo, info: AccessRequest, roles?: RoleSource): void {
  if (isAllowed(user, info, roles)) return
  const who = `User ${JSON.stringify(user.name)} cannot ${info.verb}`
  if (info.type === 'path')
    throw new StatusError(403, 'Forbidden', `forbidden: ${who} path ${JSON.stringify(info.path)}`, {})
  const { group, name, namespace } = info.target
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const what = `resource ${JSON.stringify(fullResource(info.target))} in API group ${JSON.stringify(group)}`
  throw forbiddenRequest(info.target, name, `${who} ${what} ${where}`)
}

export function isAllowed(user: UserInfo, info: AccessRequest, roles?: RoleSource): boolean {
  if (user.groups.includes('system:masters') || isInTable(user, info)) return true
  if (roles === undefined) return false
  const namespace = info.type === 'path' ? '' : info.target.namespace
  return boundRules(roles, user, namespace).some((rule) => ruleAllows(rule, info))
}

function isInTable(user: UserInfo, info: AccessRequest): boolean {
  if (info.type === 'path') {
    if (openPaths.has(info.path)) return info.verb === 'get' || info.verb === 'head'
    return info.verb === 'get' && user.groups.includes('system:authenticated') && isDiscovery(info.path)
  }
  return tableRules(user).some((rule) => covers(rule, user, info.verb, info.target))
}

const isDiscovery = (path: string): boolean =>
  discoveryPaths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))

/** All that a user may do in a namespace, as the rules of a role. */
export function rulesFor(user: UserInfo, namespace: string, roles: RoleSource): PolicyRule[] {
  if (user.groups.includes('system:masters'))
    return [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ]
  const fromTable = tableRules(user)
    .filter((rule) => rule.namespaces?.includes(namespace) ?? true)
    .map(({ verbs, groups, resources }) => ({
      verbs: [...verbs],
      apiGroups: [...groups],
      resources: [...resources],
    }))
  return [...fromTable, ...boundRules(roles, user, namespace)]
}

function tableRules(user: UserInfo): Rule[] {
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
