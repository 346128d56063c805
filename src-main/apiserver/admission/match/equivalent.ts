/** The match policy: whether a rule for one version of a resource is also about requests for another one. */
import type { Kind } from '../../../api/define-kind.ts'
import type { NamedRuleWithOperations } from '../../../api/types/admissionregistration-v1.ts'
import type { KindRegistry } from '../../kind-registry.ts'
import { resourceKey } from '../../registry/keys.ts'
import { ruleMatches, type RuleSubject } from './rules.ts'

export type MatchPolicy = 'Exact' | 'Equivalent'

/**
 * The kind through which one of the rules matches: that of the request when a rule names it, else another version of
 * the same resource under `Equivalent`. Undefined: no rule is about the request.
 */
export function kindMatched(
  rules: readonly NamedRuleWithOperations[],
  policy: MatchPolicy,
  request: RuleSubject,
  kinds: KindRegistry,
): Kind | undefined {
  if (rules.some((rule) => ruleMatches(rule, request))) return request.kind
  if (policy === 'Exact') return undefined
  // Rules in their own order, so that the first rule decides which version is seen.
  const others = equivalentKinds(request.kind, kinds)
  if (others.length === 0) return undefined
  for (const rule of rules) {
    const matched = others.find((kind) => ruleMatches(rule, { ...request, kind }))
    if (matched !== undefined) return matched
  }
  return undefined
}

/** The other versions in which a resource is served. */
function equivalentKinds(kind: Kind, kinds: KindRegistry): Kind[] {
  const resource = resourceKey(kind)
  return kinds
    .all()
    .filter((other) => other.plural === kind.plural && other.apiVersion !== kind.apiVersion)
    .filter((other) => resourceKey(other) === resource)
}
