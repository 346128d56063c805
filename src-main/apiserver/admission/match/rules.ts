/** Rules of webhooks and admission policies: which requests they are about. */
import type { NamedRuleWithOperations } from '../../../api/types/admissionregistration-v1.ts'
import type { AdmissionRequest } from '../admission.ts'

/** A request as rules see it: `kind` may be another version of what was asked for. */
export type RuleSubject = Pick<AdmissionRequest, 'operation' | 'kind' | 'subresource' | 'namespace' | 'name'>

export function ruleMatches(rule: NamedRuleWithOperations, request: RuleSubject): boolean {
  const { kind, operation, subresource, name } = request
  return (
    includes(rule.operations, operation) &&
    includes(rule.apiGroups, kind.group) &&
    includes(rule.apiVersions, kind.version) &&
    scopeMatches(rule.scope ?? '*', request) &&
    (rule.resources ?? []).some((resource) => resourceMatches(resource, kind.plural, subresource)) &&
    nameMatches(rule.resourceNames ?? [], name)
  )
}

const includes = (allowed: readonly string[] | undefined, value: string): boolean =>
  allowed !== undefined && (allowed.includes('*') || allowed.includes(value))

/** `pods`, `pods/exec`, `pods/*`, `*`, `*` + `/scale` or both: a bare `*` means no subresources. */
function resourceMatches(pattern: string, plural: string, subresource: string): boolean {
  const slash = pattern.indexOf('/')
  const resource = slash < 0 ? pattern : pattern.slice(0, slash)
  const part = slash < 0 ? '' : pattern.slice(slash + 1)
  return (resource === '*' || resource === plural) && (part === '*' || part === subresource)
}

/** A Namespace is of the cluster, though requests about it name a namespace. */
function scopeMatches(scope: string, { kind, namespace }: RuleSubject): boolean {
  if (scope === '*') return true
  const inNamespace = namespace !== '' && !(kind.group === '' && kind.plural === 'namespaces')
  return scope === (inNamespace ? 'Namespaced' : 'Cluster')
}

const nameMatches = (names: readonly string[], name: string): boolean => names.length === 0 || names.includes(name)
