/** Which flow a request belongs to: the first flow schema that matches it, and who it counts for there. */
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/types/flowcontrol-v1.ts'
import type { RequestInfo } from '../filters/request-info.ts'
import type { UserInfo } from '../request.ts'

/** By precedence, then by name. */
export function inOrder(schemas: readonly FlowSchema[]): FlowSchema[] {
  const precedence = ({ spec }: FlowSchema): number => spec?.matchingPrecedence ?? 1000
  const nameOf = ({ metadata }: FlowSchema): string => metadata?.name ?? ''
  return schemas.toSorted(
    (left, right) => precedence(left) - precedence(right) || (nameOf(left) < nameOf(right) ? -1 : 1),
  )
}

/** `schemas` are in order. */
export function flowSchemaOf(
  schemas: readonly FlowSchema[],
  user: UserInfo,
  info: RequestInfo,
): FlowSchema | undefined {
  return schemas.find(({ spec }) => (spec?.rules ?? []).some((rule) => ruleMatches(rule, user, info)))
}

export function distinguisherOf({ spec }: FlowSchema, user: UserInfo, info: RequestInfo): string {
  const type = spec?.distinguisherMethod?.type
  if (type === 'ByUser') return user.name
  return type === 'ByNamespace' && info.type === 'resource' ? info.target.namespace : ''
}

function ruleMatches(rule: PolicyRulesWithSubjects, user: UserInfo, info: RequestInfo): boolean {
  if (!rule.subjects.some((subject) => isSubject(subject, user))) return false
  return info.type === 'path'
    ? (rule.nonResourceRules ?? []).some((one) => pathMatches(one, info))
    : (rule.resourceRules ?? []).some((one) => resourceMatches(one, info))
}

const accountPrefix = 'system:serviceaccount:'

function isSubject({ kind, user: byUser, group, serviceAccount }: Subject, user: UserInfo): boolean {
  if (kind === 'User') return byUser?.name === '*' || byUser?.name === user.name
  if (kind === 'Group') return group?.name === '*' || (group !== undefined && user.groups.includes(group.name))
  if (serviceAccount === undefined || !user.name.startsWith(accountPrefix)) return false
  const [namespace, name] = user.name.slice(accountPrefix.length).split(':')
  return serviceAccount.namespace === namespace && (serviceAccount.name === '*' || serviceAccount.name === name)
}

const has = (allowed: readonly string[] | undefined, value: string): boolean =>
  allowed?.some((one) => one === '*' || one === value) === true

function resourceMatches(
  rule: ResourcePolicyRule,
  { verb, target }: Extract<RequestInfo, { type: 'resource' }>,
): boolean {
  const { group, plural, subresource, namespace } = target
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, group)) return false
  if (!has(rule.resources, subresource === '' ? plural : `${plural}/${subresource}`)) return false
  return namespace === '' ? rule.clusterScope === true : has(rule.namespaces, namespace)
}

function pathMatches(rule: NonResourcePolicyRule, { verb, path }: Extract<RequestInfo, { type: 'path' }>): boolean {
  return (
    has(rule.verbs, verb) &&
    rule.nonResourceURLs.some((url) => (url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path))
  )
}
