/** Role-based access: what the stored roles and their bindings let somebody do. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { PolicyRule, RoleRef, Subject } from '../../api/types/rbac-v1.ts'
import type { UserInfo } from '../request.ts'
import type { AccessRequest } from './authorization.ts'

const group = 'rbac.authorization.k8s.io'

/** Reads stored objects of a resource such as `rbac.authorization.k8s.io/roles`. */
export interface RoleSource {
  resource(name: string): {
    get(key: string): { readonly object: DynamicObject } | undefined
    list(selection: { readonly namespace?: string }): readonly { readonly object: DynamicObject }[]
  }
}

type RoleBinding = DynamicObject & { readonly roleRef: RoleRef; readonly subjects?: readonly Subject[] }
type Role = DynamicObject & { readonly rules?: readonly PolicyRule[] }

/** The rules that bindings give to a user: those of the whole cluster, and those of one namespace. */
export function boundRules(source: RoleSource, user: UserInfo, namespace: string): PolicyRule[] {
  const everywhere = source.resource(`${group}/clusterrolebindings`).list({})
  const here = namespace === '' ? [] : source.resource(`${group}/rolebindings`).list({ namespace })
  return [...everywhere, ...here].flatMap(({ object }) => {
    const binding = object as RoleBinding
    const names = (binding.subjects ?? []).some((subject) => isSubject(subject, user, binding.metadata?.namespace))
    return names ? [...(roleOf(source, binding)?.rules ?? [])] : []
  })
}

function isSubject({ kind, name, namespace }: Subject, user: UserInfo, ownNamespace: string | undefined): boolean {
  if (kind === 'User') return user.name === name
  if (kind === 'Group') return user.groups.includes(name)
  return kind === 'ServiceAccount' && user.name === `system:serviceaccount:${namespace ?? ownNamespace ?? ''}:${name}`
}

function roleOf(source: RoleSource, { roleRef, metadata }: RoleBinding): Role | undefined {
  const stored =
    roleRef.kind === 'ClusterRole'
      ? source.resource(`${group}/clusterroles`).get(roleRef.name)
      : source.resource(`${group}/roles`).get(`${metadata?.namespace ?? ''}/${roleRef.name}`)
  return stored?.object as Role | undefined
}

export function ruleAllows(rule: PolicyRule, access: AccessRequest): boolean {
  if (!has(rule.verbs, access.verb)) return false
  if (access.type === 'path') return (rule.nonResourceURLs ?? []).some((pattern) => coversPath(pattern, access.path))
  const { group: apiGroup, plural, subresource, name } = access.target
  if (!has(rule.apiGroups, apiGroup) || !coversResource(rule.resources, plural, subresource)) return false
  const names = rule.resourceNames ?? []
  return names.length === 0 || (name !== '' && names.includes(name))
}

const has = (allowed: readonly string[] | undefined, value: string): boolean =>
  allowed?.some((one) => one === '*' || one === value) === true

function coversResource(allowed: readonly string[] | undefined, plural: string, subresource: string): boolean {
  if (subresource === '') return has(allowed, plural)
  return has(allowed, `${plural}/${subresource}`) || allowed?.includes(`*/${subresource}`) === true
}

/** `*` stands for the rest of a path, and only at its end. */
function coversPath(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path
}

/** Whether the rules that somebody has include all that another rule gives: nobody may give more than they have. */
export function rulesCover(own: readonly PolicyRule[], wanted: PolicyRule): boolean {
  const includesAll = (all: readonly string[] | undefined, some: readonly string[] | undefined): boolean =>
    (some ?? []).every((one) => has(all, one))
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = wanted
  const ofResources = apiGroups.every((apiGroup) =>
    resources.every((resource) =>
      verbs.every((verb) =>
        own.some(
          (rule) =>
            includesAll(rule.verbs, [verb]) &&
            includesAll(rule.apiGroups, [apiGroup]) &&
            includesAll(rule.resources, [resource]) &&
            namesCovered(rule.resourceNames, resourceNames),
        ),
      ),
    ),
  )
  const ofPaths = nonResourceURLs.every((path) =>
    verbs.every((verb) =>
      own.some(
        (rule) => has(rule.verbs, verb) && (rule.nonResourceURLs ?? []).some((pattern) => coversPath(pattern, path)),
      ),
    ),
  )
  return ofResources && ofPaths
}

function namesCovered(own: readonly string[] | undefined, wanted: readonly string[]): boolean {
  if (own === undefined || own.length === 0) return true
  return wanted.length > 0 && wanted.every((name) => own.includes(name))
}
