import type { Live } from '../../api/meta/object.ts'
import type { Pod, Volume } from '../../api/types/core-v1.ts'
import { fits, unschedulable, type Predicate } from '../framework.ts'
import { claimKeysOf, claimsOf, isRefused, usesClaims } from '../volumes/pod-claims.ts'

const diskTaken = unschedulable('node(s) had no available disk')
const claimTaken = unschedulable(
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
)

const isDisk = ({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }: Volume): boolean =>
  [gcePersistentDisk, awsElasticBlockStore, iscsi, rbd].some((source) => source !== undefined)

const overlap = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.some((one) => b.includes(one))

/** Disks that two pods on one node may not write together. */
function conflict(a: Volume, b: Volume): boolean {
  if (a.gcePersistentDisk !== undefined && b.gcePersistentDisk !== undefined)
    return (
      a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName &&
      !(a.gcePersistentDisk.readOnly === true && b.gcePersistentDisk.readOnly === true)
    )
  if (a.awsElasticBlockStore !== undefined && b.awsElasticBlockStore !== undefined)
    return a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID
  if (a.iscsi !== undefined && b.iscsi !== undefined)
    return a.iscsi.iqn === b.iscsi.iqn && !(a.iscsi.readOnly === true && b.iscsi.readOnly === true)
  if (a.rbd !== undefined && b.rbd !== undefined)
    return (
      overlap(a.rbd.monitors, b.rbd.monitors) &&
      (a.rbd.pool ?? 'rbd') === (b.rbd.pool ?? 'rbd') &&
      a.rbd.image === b.rbd.image &&
      !(a.rbd.readOnly === true && b.rbd.readOnly === true)
    )
  return false
}

/** Volumes that only one pod may use: claims of mode ReadWriteOncePod, and disks on one node. */
export const volumeRestrictions: Predicate = {
  name: 'VolumeRestrictions',
  prepare(pod, { storage, usersOfClaim }) {
    const disks = (pod.spec?.volumes ?? []).filter(isDisk)
    const exclusive = new Set(exclusiveClaims(pod, storage))
    let users = [...exclusive].reduce((sum, key) => sum + usersOfClaim(key), 0)
    if (disks.length === 0 && users === 0) return undefined
    return {
      check({ pods }) {
        if (disks.length > 0) {
          for (const other of pods.values())
            if (other.spec?.volumes?.some((volume) => disks.some((disk) => conflict(disk, volume)))) return diskTaken
        }
        return users > 0 ? claimTaken : fits
      },
      suppose(other, _node, by) {
        users += by * claimKeysOf(other).filter((key) => exclusive.has(key)).length
      },
    }
  },
  mayHelp(event, pod) {
    if (event.type === 'storageChanged') return event.kind === 'PersistentVolumeClaim'
    if (event.type === 'nodeAdded') return true
    if (event.type !== 'podGone') return false
    const keys = claimKeysOf(pod)
    return (pod.spec?.volumes ?? []).some(isDisk) || overlap(keys, claimKeysOf(event.pod))
  },
}

function exclusiveClaims(pod: Live<Pod>, storage: Parameters<typeof claimsOf>[1]): string[] {
  if (!usesClaims(pod)) return []
  const claims = claimsOf(pod, storage)
  if (isRefused(claims)) return []
  return claims.flatMap(({ metadata, spec }) =>
    spec?.accessModes?.includes('ReadWriteOncePod') === true ? [`${metadata.namespace ?? ''}/${metadata.name}`] : [],
  )
}
