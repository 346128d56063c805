/** Ties pods to what their controllers expect of them. */
import type { Live } from '../api/meta/object.ts'
import { controllerOf } from '../api/meta/owner-references.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Informer } from '../client/informer.ts'
import type { Disposable } from '../lib/disposable.ts'
import type { Expectations } from './expectations.ts'

/** The queue key of the pod's controller, when it is of this kind. */
export function controllerKeyOf(pod: Live<Pod>, ownerKind: string): string | undefined {
  const controller = controllerOf(pod)
  return controller?.kind === ownerKind ? `${pod.metadata.namespace ?? ''}/${controller.name}` : undefined
}

/** Meets expectations as pods of owners of this kind appear, begin to go, and go. */
export function meetExpectations(pods: Informer<Pod>, ownerKind: string, expectations: Expectations): Disposable {
  const going = (pod: Live<Pod>): void => {
    const key = controllerKeyOf(pod, ownerKind)
    if (key !== undefined) expectations.deleted(key, pod.metadata.uid)
  }
  return pods.on({
    added(pod) {
      const key = controllerKeyOf(pod, ownerKind)
      if (key !== undefined) expectations.created(key)
      if (pod.metadata.deletionTimestamp !== undefined) going(pod)
    },
    updated(_previous, pod) {
      if (pod.metadata.deletionTimestamp !== undefined) going(pod)
    },
    deleted: going,
  })
}
