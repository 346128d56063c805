/** What a cluster role with an aggregation rule consists of: the rules of all others that its selectors choose. */
import { labelSelectorFrom } from '../../meta/label-selector.ts'
import { sameValue } from '../../meta/field-checks.ts'
import type { ClusterRole, PolicyRule } from '../../types/rbac-v1.ts'

/** Selector by selector, in the order of the roles' names, each rule once; undefined for a role that aggregates nothing. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] | undefined {
  const { aggregationRule } = role
  if (aggregationRule === undefined) return undefined
  const others = all
    .filter(({ metadata }) => metadata?.name !== role.metadata?.name)
    .toSorted((left, right) => compare(left.metadata?.name ?? '', right.metadata?.name ?? ''))
  const chosen = (aggregationRule.clusterRoleSelectors ?? []).flatMap((one) => {
    const selector = labelSelectorFrom(one)
    return others.filter(({ metadata }) => selector.matches(metadata?.labels))
  })
  const rules: PolicyRule[] = []
  for (const rule of chosen.flatMap((one) => one.rules ?? []))
    if (!rules.some((known) => sameValue(known, rule))) rules.push(rule)
  return rules
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
