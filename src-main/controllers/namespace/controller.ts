/** Empties a namespace that is being deleted, and then lets it go. */
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import { apiService as apiServiceKind } from '../../api/kinds/apiregistration/api-service.ts'
import { namespace as namespaceKind } from '../../api/kinds/core/namespace.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import type { KubernetesObject, Live } from '../../api/meta/object.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { Namespace } from '../../api/types/core-v1.ts'
import type { Client } from '../../client/client.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchMapped, watchOwn } from '../../client/controller-sources.ts'
import { listAll } from '../../client/list-all.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import type { ControllerContext } from '../context.ts'
import { deletableKinds } from '../deletable-kinds.ts'
import {
  complaintOf,
  deletionConditions,
  isEmptied,
  podGraceSeconds,
  undiscoveredVersions,
  type DeletionProgress,
  type Remainder,
} from './plan.ts'

const finalizer = 'kubernetes'
/** How long until we look again whether what waits for others has gone. */
const lookAgainMs = 1000

type Cause = ReconcileContext['cause']

/** `servedKinds` are all kinds that the server serves now, also those of CRDs. */
export function startNamespaceController(context: ControllerContext, servedKinds: () => readonly Kind[]): Disposable {
  const { informers, clock, random, log, probe } = context
  const namespaces = informers.of(namespaceKind)
  const services = informers.of(apiServiceKind)
  return runController({
    name: 'namespace',
    kind: namespaceKind,
    sources: [
      watchOwn(namespaces, ({ metadata }) => metadata.deletionTimestamp !== undefined),
      watchMapped(services, () => []),
    ],
    workers: 5,
    async reconcile(name, { cause }): Promise<ReconcileResult> {
      const namespace = namespaces.lister.byKey(name)
      if (namespace?.metadata.deletionTimestamp === undefined) return undefined
      if (namespace.spec?.finalizers?.includes(finalizer) !== true) return undefined
      const kinds = deletableKinds(servedKinds()).filter(({ namespaced }) => namespaced)
      return empty(context, { namespace, kinds, undiscovered: undiscoveredVersions(services.lister.list()) }, cause)
    },
    clock,
    random,
    log,
    probe,
  })
}

interface Task {
  readonly namespace: Live<Namespace>
  /** All that can be in it. */
  readonly kinds: readonly Kind[]
  readonly undiscovered: readonly string[]
}

/** Pods go first: what they still use, such as their secrets and network policies, must outlive them. */
async function empty(
  { client, clock }: ControllerContext,
  { namespace, kinds, undiscovered }: Task,
  cause: Cause,
): Promise<ReconcileResult> {
  const deletedForMs = clock.now() - Date.parse(namespace.metadata.deletionTimestamp ?? '')
  const removal = { client, name: namespace.metadata.name, deletedForMs, cause }
  const pods = kinds.filter(({ plural, group }) => plural === podKind.plural && group === podKind.group)
  const others = kinds.filter((kind) => !pods.includes(kind))
  let progress: DeletionProgress = { ...(await removeAll(removal, pods)), undiscovered }
  if (progress.remainders.length === 0) {
    const { remainders, failures } = await removeAll(removal, others)
    progress = { remainders, failures: [...progress.failures, ...failures], undiscovered }
  }
  const conditions = deletionConditions(namespace, progress, clock.now())
  let current = namespace
  if (stableText(conditions) !== stableText(namespace.status?.conditions)) {
    const status = { ...namespace.status, conditions }
    current = await client.update(namespaceKind, { ...namespace, status }, { subresource: 'status', cause })
  }
  if (!isEmptied(progress)) return { requeueAfterMs: lookAgainMs }
  const finalizers = (current.spec?.finalizers ?? []).filter((one) => one !== finalizer).toSorted()
  const finalized = { ...current, spec: { ...current.spec, finalizers } }
  try {
    await client.update(namespaceKind, finalized, { subresource: 'finalize', cause })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
  return undefined
}

interface Removal {
  readonly client: Client
  readonly name: string
  readonly deletedForMs: number
  readonly cause: Cause
}

async function removeAll(
  { client, name, deletedForMs, cause }: Removal,
  kinds: readonly Kind[],
): Promise<Omit<DeletionProgress, 'undiscovered'>> {
  const remainders: Remainder[] = []
  const failures: string[] = []
  for (const kind of kinds) {
    try {
      const found = await removeKind(client, kind, name, cause)
      const { items } = await listAll(client, kind, { namespace: name })
      if (items.length === 0) continue
      const remainder = remainderOf(kind, items)
      remainders.push(remainder)
      const graceSeconds = kind.plural === podKind.plural && kind.group === podKind.group ? podGraceSeconds(found) : 0
      const complaint = complaintOf(kind, remainder, { name, graceEnded: deletedForMs >= graceSeconds * 1000 })
      if (complaint !== undefined) failures.push(complaint)
    } catch (error) {
      // A kind that is served no more has nothing left here.
      if (isReason(error, 'NotFound', 'MethodNotAllowed')) continue
      failures.push(describeError(error))
    }
  }
  return { remainders, failures }
}

/** Resolves to what there was. */
async function removeKind(
  client: Client,
  kind: Kind,
  namespace: string,
  cause: Cause,
): Promise<readonly Live<KubernetesObject>[]> {
  const { items } = await listAll(client, kind, { namespace })
  for (const { metadata } of items) {
    if (metadata.deletionTimestamp !== undefined) continue
    const options = { propagationPolicy: 'Background', preconditions: { uid: metadata.uid }, cause } as const
    try {
      await client.delete(kind, { name: metadata.name, namespace }, options)
    } catch (error) {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    }
  }
  return items
}

function remainderOf({ plural, group }: Kind, items: readonly Live<KubernetesObject>[]): Remainder {
  const finalizers: Record<string, number> = {}
  for (const name of items.flatMap(({ metadata }) => metadata.finalizers ?? []))
    finalizers[name] = (finalizers[name] ?? 0) + 1
  return { resource: `${plural}.${group}`, count: items.length, finalizers }
}
