/** What to do so that a default role or binding gives at least what it should, whatever was changed meanwhile. */
import { sameValue } from '../../api/meta/field-checks.ts'
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, Subject } from '../../api/types/rbac-v1.ts'
import type { ObjectMeta } from '../../api/types/meta-v1.ts'
import { rulesCover } from '../authorization/rules.ts'
import { autoUpdate } from './rule.ts'

export type DefaultRole = ClusterRole | Role
export type DefaultBinding = ClusterRoleBinding | RoleBinding

export type Reconciliation<T> =
  | { readonly type: 'keep' }
  | { readonly type: 'create' }
  | { readonly type: 'update'; readonly object: T }
  /** A binding cannot change its role. */
  | { readonly type: 'replace' }

/** Rules that were added stay; `rbac.authorization.kubernetes.io/autoupdate: "false"` keeps a role as it is. */
export function reconcileRole(existing: DefaultRole | undefined, wanted: DefaultRole): Reconciliation<DefaultRole> {
  if (existing === undefined) return { type: 'create' }
  if (isProtected(existing.metadata)) return { type: 'keep' }
  const merged: ClusterRole = { ...existing, metadata: mergedMeta(existing.metadata, wanted.metadata) }
  const aggregation = 'aggregationRule' in wanted ? wanted.aggregationRule : undefined
  if (aggregation === undefined) {
    const own = existing.rules ?? []
    const missing = (wanted.rules ?? []).filter((rule) => !rulesCover(own, rule))
    merged.rules = [...own, ...missing]
  } else {
    // Its rules are the aggregation controller's to write.
    const own = ('aggregationRule' in existing ? existing.aggregationRule?.clusterRoleSelectors : undefined) ?? []
    const missing = (aggregation.clusterRoleSelectors ?? []).filter(
      (one) => !own.some((known) => sameValue(known, one)),
    )
    merged.aggregationRule = { clusterRoleSelectors: [...own, ...missing] }
  }
  return sameValue(merged, existing) ? { type: 'keep' } : { type: 'update', object: merged }
}

export function reconcileBinding(
  existing: DefaultBinding | undefined,
  wanted: DefaultBinding,
): Reconciliation<DefaultBinding> {
  if (existing === undefined) return { type: 'create' }
  if (isProtected(existing.metadata)) return { type: 'keep' }
  if (!sameValue(existing.roleRef, wanted.roleRef)) return { type: 'replace' }
  const own = existing.subjects ?? []
  const missing = (wanted.subjects ?? []).filter((one) => !own.some((known) => sameSubject(known, one)))
  const subjects = [...own, ...missing]
  const merged: DefaultBinding = {
    ...existing,
    metadata: mergedMeta(existing.metadata, wanted.metadata),
    ...(subjects.length === 0 ? {} : { subjects }),
  }
  return sameValue(merged, existing) ? { type: 'keep' } : { type: 'update', object: merged }
}

const isProtected = (meta: ObjectMeta | undefined): boolean => meta?.annotations?.[autoUpdate] === 'false'

/** Labels and annotations that somebody added stay; what is ours is put back. */
function mergedMeta(existing: ObjectMeta = {}, wanted: ObjectMeta = {}): ObjectMeta {
  return {
    ...existing,
    labels: { ...existing.labels, ...wanted.labels },
    annotations: { ...existing.annotations, ...wanted.annotations },
  }
}

const sameSubject = (left: Subject, right: Subject): boolean =>
  left.kind === right.kind && left.name === right.name && (left.namespace ?? '') === (right.namespace ?? '')
