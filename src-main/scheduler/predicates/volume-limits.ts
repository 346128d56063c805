import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { fits, unschedulable, type Predicate } from '../framework.ts'
import { classOf } from '../volumes/match-volumes.ts'
import { claimNamesOf, usesClaims } from '../volumes/pod-claims.ts'
import type { StorageView } from '../volumes/storage-view.ts'

const refusal = unschedulable('node(s) exceed max volume count')

/** `driver` → the volumes of that driver that the pod attaches, each under a name of its own. */
function attachments(pod: Live<Pod>, storage: StorageView): [driver: string, id: string][] {
  if (!usesClaims(pod)) return []
  const namespace = pod.metadata.namespace ?? ''
  return claimNamesOf(pod).flatMap(({ name }): [string, string][] => {
    const claim = storage.claim(namespace, name)
    if (claim === undefined) return []
    const volume = storage.volume(claim.spec?.volumeName ?? '')
    const csi = volume?.spec?.csi
    if (csi !== undefined) return [[csi.driver, `handle ${csi.volumeHandle}`]]
    const provisioner = volume === undefined ? storage.storageClass(classOf(claim))?.provisioner : undefined
    return provisioner === undefined ? [] : [[provisioner, `claim ${namespace}/${name}`]]
  })
}

/** A node takes no more volumes of a driver than the driver says in the node's CSINode. */
export const volumeLimits: Predicate = {
  name: 'NodeVolumeLimits',
  prepare(pod, { storage }) {
    const wanted = attachments(pod, storage)
    if (wanted.length === 0) return undefined
    return {
      check({ name, pods }) {
        const drivers = storage.csiNode(name)?.spec.drivers ?? []
        const limits = new Map(drivers.map((driver) => [driver.name, driver.allocatable?.count]))
        if (!wanted.some(([driver]) => limits.get(driver) !== undefined)) return fits
        const there = [...pods.values()].flatMap((other) => attachments(other, storage))
        for (const [driver] of wanted) {
          const limit = limits.get(driver)
          if (limit === undefined) continue
          const ids = new Set([...there, ...wanted].flatMap(([of, id]) => (of === driver ? [id] : [])))
          const before = new Set(there.flatMap(([of, id]) => (of === driver ? [id] : [])))
          // Volumes that are attached already cost nothing.
          if (ids.size > before.size && ids.size > limit) return refusal
        }
        return fits
      },
    }
  },
  mayHelp: ({ type }) => type === 'storageChanged' || type === 'nodeAdded' || type === 'podGone',
}
