/** Whose is it: which objects a controller's selector and owner references make its own. */
import type { Kind } from '../api/define-kind.ts'
import { isReason } from '../api/errors.ts'
import type { Selector } from '../api/meta/label-selector.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'
import { controllerOf, ownerReference } from '../api/meta/owner-references.ts'
import type { Client } from '../client/client.ts'
import type { ReconcileContext } from '../client/controller.ts'
import type { Informer } from '../client/informer.ts'

export interface Claims<T> {
  /** Controlled by the owner, and matching. */
  readonly owned: readonly Live<T>[]
  /** Controlled by nobody, and matching: the owner takes them. */
  readonly adopt: readonly Live<T>[]
  /** Controlled by the owner, but matching no more: it lets them go. */
  readonly release: readonly Live<T>[]
}

const index = 'controller'
const orphans = (namespace: string | undefined): string => `none/${namespace ?? ''}`

/** Lets `candidatesOf` find the objects that a controller has or might take. */
export function indexByController<T extends KubernetesObject>(informer: Informer<T>): Informer<T> {
  return informer.addIndex(index, (object) => [controllerOf(object)?.uid ?? orphans(object.metadata.namespace)])
}

export function controlledBy<T extends KubernetesObject>(informer: Informer<T>, uid: string): Live<T>[] {
  return informer.lister.byIndex(index, uid)
}

export function candidatesOf<T extends KubernetesObject>(
  informer: Informer<T>,
  owner: Live<KubernetesObject>,
): Live<T>[] {
  const { uid, namespace } = owner.metadata
  return [...controlledBy(informer, uid), ...informer.lister.byIndex(index, orphans(namespace))]
}

/** An owner on its way out takes and releases nothing. */
export function planClaims<T extends KubernetesObject>(
  owner: Live<KubernetesObject>,
  selector: Selector,
  candidates: readonly Live<T>[],
): Claims<T> {
  const leaving = owner.metadata.deletionTimestamp !== undefined
  const owned: Live<T>[] = []
  const adopt: Live<T>[] = []
  const release: Live<T>[] = []
  for (const candidate of candidates) {
    const controller = controllerOf(candidate)
    const matches = selector.matches(candidate.metadata.labels)
    if (controller !== undefined && controller.uid !== owner.metadata.uid) continue
    if (controller !== undefined && matches) owned.push(candidate)
    else if (leaving) continue
    else if (controller !== undefined) release.push(candidate)
    else if (matches && candidate.metadata.deletionTimestamp === undefined) adopt.push(candidate)
  }
  return { owned, adopt, release }
}

interface ClaimOptions<Owner extends KubernetesObject, T extends KubernetesObject> {
  readonly client: Client
  readonly ownerKind: Kind<Owner>
  readonly owner: Live<Owner>
  readonly kind: Kind<T>
  readonly cause: ReconcileContext['cause']
  /** Held by the owner: what is released loses it in the same step. */
  readonly finalizer?: string
}

/** Writes the owner references that the claims ask for, and returns all that the owner has then. */
export async function applyClaims<Owner extends KubernetesObject, T extends KubernetesObject>(
  claims: Claims<T>,
  options: ClaimOptions<Owner, T>,
): Promise<readonly Live<T>[]> {
  const { owner, ownerKind } = options
  for (const object of claims.release) {
    const rest = object.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid) ?? []
    await writeOwners(object, rest, options, true)
  }
  if (claims.adopt.length === 0 || !(await mayAdopt(options))) return claims.owned
  const adopted: Live<T>[] = []
  for (const object of claims.adopt) {
    const owners = [...(object.metadata.ownerReferences ?? []), ownerReference(owner, ownerKind)]
    const updated = await writeOwners(object, owners, options)
    if (updated !== undefined) adopted.push(updated)
  }
  return [...claims.owned, ...adopted]
}

/** The cache may be old: only an owner that the server still has, and is not deleting, may adopt. */
async function mayAdopt<Owner extends KubernetesObject, T extends KubernetesObject>({
  client,
  ownerKind,
  owner,
}: ClaimOptions<Owner, T>): Promise<boolean> {
  const { name, namespace, uid } = owner.metadata
  try {
    const live = await client.get(ownerKind, { name, ...(namespace === undefined ? {} : { namespace }) })
    return live.metadata.uid === uid && live.metadata.deletionTimestamp === undefined
  } catch (error) {
    if (isReason(error, 'NotFound')) return false
    throw error
  }
}

const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list)

/** Undefined when the object is gone. */
async function writeOwners<Owner extends KubernetesObject, T extends KubernetesObject>(
  object: Live<T>,
  ownerReferences: readonly unknown[],
  { client, kind, cause, finalizer }: ClaimOptions<Owner, T>,
  letGo = false,
): Promise<Live<T> | undefined> {
  const { name, namespace, uid, resourceVersion, finalizers = [] } = object.metadata
  const held = letGo && finalizer !== undefined && finalizers.includes(finalizer)
  const kept = finalizers.filter((one) => one !== finalizer)
  const metadata = {
    uid,
    resourceVersion,
    ownerReferences: orNull(ownerReferences),
    ...(held ? { finalizers: orNull(kept) } : {}),
  }
  try {
    return await client.patch(
      kind,
      { name, ...(namespace === undefined ? {} : { namespace }) },
      { type: 'merge', patch: { metadata } },
      { cause },
    )
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
