/** `pods/eviction`: a deletion that asks first whether the pod may go now. */
import { badRequest, isReason, notFound, StatusError } from '../../api/errors.ts'
import { withCondition } from '../../api/meta/conditions.ts'
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import type { DynamicObject, Live } from '../../api/meta/object.ts'
import { isPodReady, isTerminating, podPhase } from '../../api/meta/pod.ts'
import type { Pod, PodCondition } from '../../api/types/core-v1.ts'
import type { PodDisruptionBudget } from '../../api/types/policy-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { asObject, readBody } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { admitCreation, unasked } from '../registry/admit.ts'
import { placeOf } from '../registry/commit.ts'
import { checkPreconditions, deleteObject, type Deletion } from '../registry/delete.ts'
import { updateObject } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { deletionFrom } from './delete-options.ts'
import { writeOptionsOf } from './write-options.ts'
import { mayGoUnasked, stillProcessed, takeDisruption } from './eviction-budget.ts'

type EvictionBody = DynamicObject & { readonly deleteOptions?: unknown }

const evictionKind = { group: 'policy', version: 'v1', kind: 'Eviction' }

export async function handleEviction(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { dryRun } = writeOptionsOf(operation)
  const body = asObject((await readBody(operation)).data)
  const eviction = { ...body, kind: 'Eviction', apiVersion: 'policy/v1' } as EvictionBody
  const name = eviction.metadata?.name ?? ''
  if (name !== '' && name !== operation.target.name)
    throw badRequest('name in URL does not match name in Eviction object')
  await admitCreation(parts, operation, eviction, { dryRun, objectKind: evictionKind })
  // Whoever may evict the pod is asked nothing more.
  return evict(unasked(parts), operation, eviction)
}

async function evict(parts: ServerParts, operation: Operation, eviction: EvictionBody): Promise<Answer> {
  const asked = deletionFrom(eviction.deleteOptions, operation.request.query)
  const deletion = { ...asked, dryRun: asked.dryRun || writeOptionsOf(operation).dryRun }
  const { deletion: guarded, guard } = await askBudget(parts, operation, deletion)
  try {
    await markAndDelete(parts, operation, guarded)
  } catch (error) {
    // The pod was let go for not being healthy, and has changed since.
    if (guard !== undefined && isReason(error, 'Conflict')) throw stillProcessed(guard)
    throw error
  }
  const object = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
  return { type: 'plain', code: 201, object }
}

interface Permission {
  readonly deletion: Deletion
  /** The budget that let the pod go only as it is now. */
  readonly guard: string | undefined
}

async function askBudget(parts: ServerParts, operation: Operation, deletion: Deletion): Promise<Permission> {
  const pod = podOf(parts, operation)
  const free = { deletion, guard: undefined }
  if (needsNoBudget(pod)) return free
  const budgets = budgetsOf(parts, pod)
  if (budgets.length > 1) throw tooManyBudgets()
  const [budget] = budgets
  if (budget === undefined) return free
  if (mayGoUnasked(budget, isPodReady(pod))) {
    if (deletion.preconditions.resourceVersion !== undefined) return free
    const preconditions = { ...deletion.preconditions, resourceVersion: pod.metadata.resourceVersion }
    return { deletion: { ...deletion, preconditions }, guard: budget.metadata.name }
  }
  await chargeBudget(parts, operation, budget, pod, deletion.dryRun)
  return free
}

function podOf(parts: ServerParts, operation: Operation): Live<Pod> {
  const { resource, key } = placeOf(operation)
  const stored = parts.cache.resource(resource).get(key)
  if (stored === undefined) throw notFound(operation.kind, operation.target.name)
  return stored.object as unknown as Live<Pod>
}

/** It serves nobody yet or any more, or goes already. */
const needsNoBudget = (pod: Live<Pod>): boolean =>
  isTerminating(pod) || ['Succeeded', 'Failed', 'Pending'].includes(podPhase(pod))

function budgetsOf({ cache }: ServerParts, { metadata }: Live<Pod>): Live<PodDisruptionBudget>[] {
  const all = cache.resource('policy/poddisruptionbudgets')
  if (all.size === 0 || Object.keys(metadata.labels ?? {}).length === 0) return []
  return all
    .list({ namespace: metadata.namespace ?? '' })
    .map(({ object }) => object as unknown as Live<PodDisruptionBudget>)
    .filter(({ spec }) => labelSelectorFrom(spec?.selector).matches(metadata.labels))
}

const tooManyBudgets = (): StatusError =>
  new StatusError(
    500,
    'InternalError',
    'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  )

async function chargeBudget(
  parts: ServerParts,
  operation: Operation,
  { metadata }: Live<PodDisruptionBudget>,
  pod: Live<Pod>,
  dryRun: boolean,
): Promise<void> {
  const kind = parts.kinds.find('policy', 'v1', 'poddisruptionbudgets')
  if (kind === undefined) throw notFound({ group: 'policy', plural: 'poddisruptionbudgets' }, metadata.name)
  const { group, version, plural } = kind
  const target = { ...operation.target, group, version, plural, name: metadata.name, subresource: 'status' }
  await updateObject(
    parts,
    { ...operation, kind, target, verb: 'update' },
    {
      dryRun,
      apply: (current) =>
        takeDisruption(current as unknown as Live<PodDisruptionBudget>, pod.metadata.name, parts.clock.now()),
    },
  )
}

/** The pod tells why it goes before it does. */
async function markAndDelete(parts: ServerParts, operation: Operation, deletion: Deletion): Promise<void> {
  const { target } = operation
  const main: Operation = { ...operation, verb: 'delete', target: { ...target, subresource: '' } }
  if (deletion.dryRun) {
    await deleteObject(parts, main, deletion)
    return
  }
  const status: Operation = { ...operation, verb: 'update', target: { ...target, subresource: 'status' } }
  const marked = await updateObject(parts, status, {
    dryRun: false,
    apply(current) {
      checkPreconditions(main, target.name, { object: current, revision: revisionOf(current) }, deletion)
      return withReason(current as unknown as Live<Pod>, parts.clock.now())
    },
  })
  const { resourceVersion, ...preconditions } = deletion.preconditions
  const now = resourceVersion === undefined ? {} : { resourceVersion: String(marked.revision) }
  await deleteObject(parts, main, { ...deletion, preconditions: { ...preconditions, ...now } })
}

const revisionOf = ({ metadata }: DynamicObject): number => Number(metadata?.resourceVersion)

function withReason({ metadata, ...pod }: Live<Pod>, nowMs: number): DynamicObject {
  const next = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
  }
  const { conditions } = withCondition<PodCondition>(pod.status?.conditions, next, timestamp(nowMs))
  const { resourceVersion: _resourceVersion, ...meta } = metadata
  return { ...pod, metadata: meta, status: { ...pod.status, conditions } } as unknown as DynamicObject
}
