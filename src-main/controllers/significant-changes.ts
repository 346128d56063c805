import type { KubernetesObject, Live } from '../api/meta/object.ts'
import type { ControllerSource } from '../client/controller-sources.ts'
import type { Informer } from '../client/informer.ts'

/**
 * A source that lets most updates pass: only objects that come, go, or change in what `meaningOf` says of them set off
 * keys. For nodes, whose every heartbeat is an update.
 */
export function watchSignificant<T extends KubernetesObject>(
  informer: Informer<T>,
  meaningOf: (object: Live<T>) => string,
  keysOf: (object: Live<T>) => Iterable<string>,
): ControllerSource {
  return {
    synced: (signal) => informer.synced(signal),
    subscribe(enqueue) {
      const setOff = (object: Live<T>): void => {
        for (const key of keysOf(object)) enqueue(key, Number(object.metadata.resourceVersion))
      }
      return informer.on({
        added: setOff,
        updated(previous, object) {
          if (meaningOf(previous) !== meaningOf(object)) setOff(object)
        },
        deleted: setOff,
      })
    },
  }
}
