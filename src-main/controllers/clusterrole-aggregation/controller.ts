/** Keeps the rules of cluster roles that aggregate others equal to what these give. */
import { clusterRole as clusterRoleKind } from '../../api/kinds/rbac/cluster-role.ts'
import { aggregatedRules } from '../../api/kinds/rbac/aggregation.ts'
import { sameValue } from '../../api/meta/field-checks.ts'
import { runController } from '../../client/controller.ts'
import { watchMapped } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'

export function startClusterRoleAggregation(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const roles = informers.of(clusterRoleKind)
  const aggregating = (): string[] =>
    roles.lister.list().flatMap(({ metadata, aggregationRule }) => (aggregationRule === undefined ? [] : metadata.name))
  return runController({
    name: 'clusterrole-aggregation',
    kind: clusterRoleKind,
    // A change of any role may concern every role that takes in others.
    sources: [watchMapped(roles, aggregating)],
    async reconcile(name, { cause }) {
      const role = roles.lister.byKey(name)
      const rules = role === undefined ? undefined : aggregatedRules(role, roles.lister.list())
      if (role === undefined || rules === undefined || sameValue(rules, role.rules ?? [])) return
      // Whoever else wrote rules here loses them, as Kubernetes has it.
      const own = { metadata: { name }, ...(rules.length === 0 ? {} : { rules }) }
      await client.apply(clusterRoleKind, own, {
        fieldManager: 'clusterrole-aggregation-controller',
        force: true,
        cause,
      })
    },
    clock,
    random,
    log,
    probe,
  })
}
