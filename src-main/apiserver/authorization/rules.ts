/** What one rule of a role allows. */
import type { PolicyRule } from '../../api/types/rbac-v1.ts'
import type { AccessRequest } from './decision.ts'

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
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = wanted
  const names = resourceNames.length === 0 ? [undefined] : resourceNames
  const ofResources = verbs.every((verb) =>
    apiGroups.every((apiGroup) =>
      resources.every((resource) =>
        names.every((name) => own.some((rule) => gives(rule, verb, apiGroup, resource, name))),
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

/** `name` is undefined for all names. A wildcard that is wanted is covered by a wildcard only. */
function gives(rule: PolicyRule, verb: string, apiGroup: string, resource: string, name: string | undefined): boolean {
  if (!has(rule.verbs, verb) || !has(rule.apiGroups, apiGroup)) return false
  const [plural = '', subresource = ''] = resource.split('/')
  if (!coversResource(rule.resources, plural, subresource)) return false
  const names = rule.resourceNames ?? []
  return names.length === 0 || (name !== undefined && names.includes(name))
}
