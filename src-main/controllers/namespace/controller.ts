/** Empties a namespace that is being deleted, and then lets it go. */
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import { namespace as namespaceKind } from '../../api/kinds/core/namespace.ts'
import { pod as podKind } from '../../api/kinds/core/pod.ts'
import type { KubernetesObject, Live } from '../../api/meta/object.ts'
import { stableText } from '../../api/meta/pod.ts'
import type { Namespace } from '../../api/types/core-v1.ts'
import type { Client } from '../../client/client.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import { listAll } from '../../client/list-all.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import type { ControllerContext } from '../context.ts'
import { deletableKinds } from '../deletable-kinds.ts'
import { deletionConditions, type DeletionProgress, type Remainder } from './plan.ts'

const finalizer = 'kubernetes'
/** How long until we look again whether what waits for others has gone. */
const lookAgainMs = 1000

type Cause = ReconcileContext['cause']

/** `servedKinds` are all kinds that the server serves now, also those of CRDs. */
export function startNamespaceController(context: ControllerContext, servedKinds: () => readonly Kind[]): Disposable {
  const { informers, clock, random, log, probe } = context
  const namespaces = informers.of(namespaceKind)
  return runController({
    name: 'namespace',
    kind: namespaceKind,
    sources: [watchOwn(namespaces, ({ metadata }) => metadata.deletionTimestamp !== undefined)],
    workers: 5,
    async reconcile(name, { cause }): Promise<ReconcileResult> {
      const namespace = namespaces.lister.byKey(name)
      if (namespace?.metadata.deletionTimestamp === undefined) return undefined
      if (namespace.spec?.finalizers?.includes(finalizer) !== true) return undefined
      const kinds = deletableKinds(servedKinds()).filter(({ namespaced }) => namespaced)
      return empty(context, namespace, kinds, cause)
    },
    clock,
    random,
    log,
    probe,
  })
}

/** Pods go first: what they still use, such as their secrets and network policies, must outlive them. */
async function empty(
  { client, clock }: ControllerContext,
  namespace: Live<Namespace>,
  kinds: readonly Kind[],
  cause: Cause,
): Promise<ReconcileResult> {
  const pods = kinds.filter(({ plural, group }) => plural === podKind.plural && group === podKind.group)
  const others = kinds.filter((kind) => !pods.includes(kind))
  let progress = await removeAll(client, namespace, pods, cause)
  if (progress.remainders.length === 0) {
    const rest = await removeAll(client, namespace, others, cause)
    progress = { remainders: rest.remainders, failures: [...progress.failures, ...rest.failures] }
  }
  const conditions = deletionConditions(namespace, progress, clock.now())
  let current = namespace
  if (stableText(conditions) !== stableText(namespace.status?.conditions)) {
    const status = { ...namespace.status, conditions }
    current = await client.update(namespaceKind, { ...namespace, status }, { subresource: 'status', cause })
  }
  if (progress.remainders.length > 0 || progress.failures.length > 0) return { requeueAfterMs: lookAgainMs }
  const finalizers = (current.spec?.finalizers ?? []).filter((one) => one !== finalizer)
  const finalized = { ...current, spec: { ...current.spec, finalizers } }
  try {
    await client.update(namespaceKind, finalized, { subresource: 'finalize', cause })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
  return undefined
}

async function removeAll(
  client: Client,
  { metadata: { name } }: Live<Namespace>,
  kinds: readonly Kind[],
  cause: Cause,
): Promise<DeletionProgress> {
  const remainders: Remainder[] = []
  const failures: string[] = []
  for (const kind of kinds) {
    try {
      await removeKind(client, kind, name, cause)
      const { items } = await listAll(client, kind, { namespace: name })
      if (items.length > 0) remainders.push(remainderOf(kind, items))
    } catch (error) {
      // A kind that is served no more has nothing left here.
      if (isReason(error, 'NotFound', 'MethodNotAllowed')) continue
      failures.push(`${kind.plural}: ${describeError(error)}`)
    }
  }
  return { remainders, failures }
}

async function removeKind(client: Client, kind: Kind, namespace: string, cause: Cause): Promise<void> {
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
}

function remainderOf({ plural, group }: Kind, items: readonly Live<KubernetesObject>[]): Remainder {
  const finalizers: Record<string, number> = {}
  for (const name of items.flatMap(({ metadata }) => metadata.finalizers ?? []))
    finalizers[name] = (finalizers[name] ?? 0) + 1
  return { resource: `${plural}.${group}`, count: items.length, finalizers }
}
