/**
 * Counts anew what quotas say is used. The API server charges what is created; what goes is found here. Everything is
 * read after the quota itself, so that a write that was charged before is seen, and one that comes later makes the
 * status conflict.
 */
import type { Kind } from '../../api/define-kind.ts'
import { isReason, type ResourceName } from '../../api/errors.ts'
import { resourceQuota as quotaKind } from '../../api/kinds/core/resource-quota.ts'
import { keyOf, splitKey, type DynamicObject, type Live } from '../../api/meta/object.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { ResourceQuota } from '../../api/types/core-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { listAll } from '../../client/list-all.ts'
import type { Informer } from '../../client/informer.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { deletableKinds } from '../deletable-kinds.ts'
import { isStoredStatus } from '../stored-status.ts'
import { countedResources, planQuotaStatus, type CountedObjects } from './plan.ts'
import { Replenishment } from './replenishment.ts'

/** Whatever was missed is found after this time at the latest. */
const resyncMs = 5 * 60_000

interface Parts {
  readonly context: ControllerContext
  readonly replenishment: Replenishment
  readonly kindOf: (resource: ResourceName) => Kind | undefined
}

export function startResourceQuotaController(
  context: ControllerContext,
  servedKinds: () => readonly Kind[],
): Disposable {
  const { informers, clock, random, log, probe } = context
  const quotas = informers.of(quotaKind)
  const started = new DisposableStack()
  const replenishment = started.use(new Replenishment(context, quotas, (key) => running.enqueue(key)))
  const kindOf = ({ group, plural }: ResourceName): Kind | undefined =>
    deletableKinds(servedKinds()).find((kind) => kind.group === group && kind.plural === plural && kind.namespaced)
  const running = runController({
    name: 'resource-quota',
    kind: quotaKind,
    sources: [{ synced: (signal) => quotas.synced(signal), subscribe: (enqueue) => watchQuotas(quotas, enqueue) }],
    workers: 5,
    reconcile: (key, reconcile) => reconcileQuota({ context, replenishment, kindOf }, key, reconcile),
    clock,
    random,
    log,
    probe,
  })
  started.use(running)
  return started
}

/** Every charge changes a quota's status; only a change of what is limited is news. */
function watchQuotas(
  quotas: Informer<ResourceQuota>,
  enqueue: (key: string, revision: number | undefined) => void,
): Disposable {
  const setOff = (quota: Live<ResourceQuota>): void => enqueue(keyOf(quota), Number(quota.metadata.resourceVersion))
  return quotas.on({
    added: setOff,
    updated(previous, quota) {
      const respecified = stableText(previous.spec) !== stableText(quota.spec)
      if (respecified || stableText(quota.status?.hard) !== stableText(quota.spec?.hard)) setOff(quota)
    },
  })
}

async function reconcileQuota(
  { context, replenishment, kindOf }: Parts,
  key: string,
  { cause }: ReconcileContext,
): Promise<ReconcileResult> {
  const { client, clock } = context
  const { namespace = '', name } = splitKey(key)
  const quota = await existing(client.get(quotaKind, { name, namespace }))
  if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) return undefined
  const kinds = countedResources(quota).flatMap((resource) => kindOf(resource) ?? [])
  for (const kind of kinds) replenishment.watch(kind)
  const counted = await Promise.all(
    kinds.map(async (kind): Promise<CountedObjects> => {
      const { items } = await listAll(client, kind, { namespace })
      return { resource: kind, objects: items as unknown as DynamicObject[] }
    }),
  )
  const status = planQuotaStatus(quota, counted, clock.now())
  if (isStoredStatus(quotaKind, status, quota.status)) return { requeueAfterMs: resyncMs }
  await client.update(quotaKind, { ...quota, status }, { subresource: 'status', cause })
  // What was written before the limits stood in the status was not charged.
  const limitsAreNew = stableText(status.hard) !== stableText(quota.status?.hard)
  return { requeueAfterMs: limitsAreNew ? 0 : resyncMs }
}

async function existing<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
