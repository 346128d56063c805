import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import type { KubernetesObject, Live } from '../../api/meta/object.ts'
import type { ReconcileContext } from '../../client/controller.ts'
import type { ControllerContext } from '../context.ts'
import { planFinalizers } from './plan.ts'

/** Adds or takes away the finalizer of one object, as its use demands. */
export async function keepFinalizer<T extends KubernetesObject>(
  { client }: ControllerContext,
  kind: Kind<T>,
  object: Live<T>,
  finalizer: string,
  isUsed: () => boolean,
  { cause }: ReconcileContext,
  /** Asks the server, since the caches may be old; absent: they are enough. */
  isUsedLive?: () => Promise<boolean>,
): Promise<void> {
  const finalizers = planFinalizers(object, finalizer, isUsed)
  if (finalizers === undefined) return
  if (object.metadata.deletionTimestamp !== undefined && (await isUsedLive?.()) === true) return
  try {
    await client.update(kind, { ...object, metadata: { ...object.metadata, finalizers } }, { cause })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
