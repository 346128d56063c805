/** Keeps the status of disruption budgets: how many of their pods may be taken away now. */
import type { Kind } from '../../api/define-kind.ts'
import { replicaSet as replicaSetKind } from '../../api/kinds/apps/replica-set.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import { podDisruptionBudget as budgetKind } from '../../api/kinds/policy/pod-disruption-budget.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { keyOf, type Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/types/policy-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import type { ControllerContext } from '../context.ts'
import { isStoredStatus } from '../stored-status.ts'
import { expectedScale, type ScaleSources } from './expected-scale.ts'
import { countsByScale, failedStatus, planBudget } from './plan.ts'

/** How long until owners that could not be asked are asked again. */
const retryMs = 30_000

interface Parts {
  readonly context: ControllerContext
  readonly budgets: Informer<PodDisruptionBudget>
  readonly pods: Informer<Pod>
  readonly scales: ScaleSources
}

export function startDisruptionController(context: ControllerContext, servedKinds: () => readonly Kind[]): Disposable {
  const { client, informers, clock, random, log, probe } = context
  const budgets = informers.of(budgetKind)
  const pods = informers.of(podKind)
  const replicaSets = informers.of(replicaSetKind)
  const parts = { context, budgets, pods, scales: { client, replicaSets, servedKinds } }
  return runController({
    name: 'disruption',
    kind: budgetKind,
    sources: [
      watchOwn(budgets),
      watchMapped(pods, (pod) => budgetsOf(budgets, pod)),
      // Which Deployment a pod belongs to must be known before the first budget.
      watchMapped(replicaSets, () => []),
    ],
    workers: 2,
    reconcile: (key, reconcile) => reconcileBudget(parts, key, reconcile),
    clock,
    random,
    log,
    probe,
  })
}

function budgetsOf(budgets: Informer<PodDisruptionBudget>, pod: Live<Pod>): string[] {
  return budgets.lister
    .list(pod.metadata.namespace)
    .filter(({ spec }) => labelSelectorFrom(spec?.selector).matches(pod.metadata.labels))
    .map(keyOf)
}

async function reconcileBudget(parts: Parts, key: string, { cause }: ReconcileContext): Promise<ReconcileResult> {
  const { context, budgets, pods } = parts
  const { clock, events } = context
  const budget = budgets.lister.byKey(key)
  if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return undefined
  const selector = labelSelectorFrom(budget.spec?.selector)
  const selected = pods.lister.list(budget.metadata.namespace, (labels) => selector.matches(labels))
  if (selected.length === 0) events.event(budget, 'Normal', 'NoPods', 'No matching pods found')
  let count = 0
  try {
    count = await scaleFor(parts, budget, selected)
  } catch (error) {
    const message = describeError(error)
    const words = `Failed to calculate the number of expected pods: ${message}`
    events.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', words)
    await writeStatus(parts, budget, failedStatus(budget, message, clock.now()), cause)
    return { requeueAfterMs: retryMs }
  }
  const observed = { budget, pods: selected, expectedScale: count, nowMs: clock.now() }
  const { status, notDeleted, recheckAfterMs } = planBudget(observed)
  for (const pod of notDeleted)
    events.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${key} to be deleted but it wasn't`)
  await writeStatus(parts, budget, status, cause)
  return recheckAfterMs === undefined ? undefined : { requeueAfterMs: recheckAfterMs }
}

async function scaleFor(
  { context, scales }: Parts,
  budget: Live<PodDisruptionBudget>,
  selected: readonly Live<Pod>[],
): Promise<number> {
  if (!countsByScale(budget)) return 0
  const { count, unmanaged } = await expectedScale(scales, selected)
  if (unmanaged.length > 0) {
    const selector = labelSelectorFrom(budget.spec?.selector).toString()
    const words = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`
    context.events.event(budget, 'Warning', 'UnmanagedPods', words)
  }
  return count
}

async function writeStatus(
  { context }: Parts,
  budget: Live<PodDisruptionBudget>,
  status: PodDisruptionBudgetStatus,
  cause: ReconcileContext['cause'],
): Promise<void> {
  if (isStoredStatus(budgetKind, status, budget.status)) return
  await context.client.update(budgetKind, { ...budget, status }, { subresource: 'status', cause })
}
