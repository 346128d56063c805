/** What sets a controller's keys off: its own kind, what its kind owns, or any other kind by a mapping. */
import type { Kind } from '../api/define-kind.ts'
import { keyOf, type KubernetesObject, type Live } from '../api/meta/object.ts'
import type { Disposable } from '../lib/disposable.ts'
import type { Informer } from './informer.ts'

export interface ControllerSource {
  subscribe(enqueue: (key: string, revision: number | undefined) => void): Disposable
  synced(signal: AbortSignal): Promise<void>
}

/** Objects whose own keys are the queue's keys. `accept` leaves out objects that are none of the controller's business. */
export function watchOwn<T extends KubernetesObject>(
  informer: Informer<T>,
  accept: (object: Live<T>) => boolean = () => true,
): ControllerSource {
  return watchMapped(informer, (object) => (accept(object) ? [keyOf(object)] : []))
}

/** Objects that have a controller of the given kind: its key is set off. */
export function watchOwned<T extends KubernetesObject, Owner extends KubernetesObject>(
  informer: Informer<T>,
  owner: Kind<Owner>,
): ControllerSource {
  return watchMapped(informer, (object) => {
    const reference = object.metadata.ownerReferences?.find((one) => one.controller === true)
    if (reference?.kind !== owner.kind || groupOf(reference.apiVersion) !== owner.group) return []
    const { namespace } = object.metadata
    return [owner.namespaced && namespace !== undefined ? `${namespace}/${reference.name}` : reference.name]
  })
}

/** Any objects: `keysOf` says which keys a change of one sets off. After an update, the old state's keys count too. */
export function watchMapped<T extends KubernetesObject>(
  informer: Informer<T>,
  keysOf: (object: Live<T>) => Iterable<string>,
): ControllerSource {
  return {
    synced: (signal) => informer.synced(signal),
    subscribe(enqueue) {
      const setOff = (...states: Live<T>[]): void => {
        const revision = revisionOf(states.at(-1))
        for (const key of new Set(states.flatMap((state) => [...keysOf(state)]))) enqueue(key, revision)
      }
      return informer.on({ added: setOff, updated: setOff, deleted: setOff })
    },
  }
}

function revisionOf(object: Live<KubernetesObject> | undefined): number | undefined {
  const revision = Number(object?.metadata.resourceVersion)
  return Number.isSafeInteger(revision) ? revision : undefined
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
