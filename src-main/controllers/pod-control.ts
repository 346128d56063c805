/** Creates and deletes the pods of an owner, and says so in events on the owner. */
import type { Kind } from '../api/define-kind.ts'
import { isReason } from '../api/errors.ts'
import { pod } from '../api/kinds/core/pod.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'
import { ownerReference } from '../api/meta/owner-references.ts'
import type { Pod, PodTemplateSpec } from '../api/types/core-v1.ts'
import type { ReconcileContext } from '../client/controller.ts'
import { describeError } from '../lib/log.ts'
import type { ControllerContext } from './context.ts'
import type { Expectations } from './expectations.ts'
import { slowStart } from './slow-start.ts'

export interface PodOwner<T extends KubernetesObject> {
  readonly kind: Kind<T>
  readonly object: Live<T>
  readonly key: string
  readonly cause: ReconcileContext['cause']
}

export class PodControlError extends Error {
  override readonly name = 'PodControlError'
  readonly code: 'FailedCreate' | 'FailedDelete'

  constructor(code: PodControlError['code'], cause: unknown) {
    super(describeError(cause), { cause })
    this.code = code
  }
}

/** A pod of this template; without a name of its own the server makes one that begins with the owner's. */
export function podFromTemplate<T extends KubernetesObject>(
  template: PodTemplateSpec,
  owner: Live<T>,
  kind: Kind<T>,
): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: {
      generateName: `${owner.metadata.name}-`,
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [ownerReference(owner, kind)],
    },
    ...(template.spec === undefined ? {} : { spec: template.spec }),
  }
}

/** Nothing can be created in a namespace that is being deleted; its owner will go as well. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  isReason(error, 'Forbidden') && (error.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating')

/** Throws a PodControlError when some could not be created; those that were stay. */
export async function createPods<T extends KubernetesObject>(
  { client, events }: ControllerContext,
  owner: PodOwner<T>,
  pods: readonly Pod[],
  expectations: Expectations,
): Promise<void> {
  const about = withType(owner)
  const { skipped, error } = await slowStart(pods.length, async (index) => {
    const wanted = pods[index]
    if (wanted === undefined) return
    try {
      const made = await client.create(pod, wanted, { cause: owner.cause })
      events.event(about, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`)
    } catch (failure) {
      expectations.created(owner.key)
      if (isNamespaceTerminating(failure)) return
      events.event(about, 'Warning', 'FailedCreate', `Error creating: ${describeError(failure)}`)
      throw failure
    }
  })
  for (let index = 0; index < skipped; index++) expectations.created(owner.key)
  if (error !== undefined) throw new PodControlError('FailedCreate', error)
}

/** Throws a PodControlError when some could not be deleted. One that is gone already counts as deleted. */
export async function deletePods<T extends KubernetesObject>(
  { client, events }: ControllerContext,
  owner: PodOwner<T>,
  pods: readonly Live<Pod>[],
  expectations: Expectations,
): Promise<void> {
  const about = withType(owner)
  const results = await Promise.allSettled(
    pods.map(async ({ metadata: { name, namespace = '', uid } }) => {
      try {
        await client.delete(pod, { name, namespace }, { preconditions: { uid }, cause: owner.cause })
        events.event(about, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
      } catch (failure) {
        expectations.deleted(owner.key, uid)
        if (isReason(failure, 'NotFound')) return
        events.event(about, 'Warning', 'FailedDelete', `Error deleting: ${describeError(failure)}`)
        throw failure
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw new PodControlError('FailedDelete', failed.reason)
}

/** Objects from lists may lack their type, which an event needs. */
const withType = <T extends KubernetesObject>({ kind, object }: PodOwner<T>): KubernetesObject => ({
  metadata: object.metadata,
  apiVersion: kind.apiVersion,
  kind: kind.kind,
})
