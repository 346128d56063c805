/** What a claim needs next: a volume, a provisioner, a consumer, or only the last words of its binding. */
import type { Live } from '../../api/meta/object.ts'
import type { StorageClass } from '../../api/types/storage-v1.ts'
import { provisionerFor } from './in-tree.ts'
import { findVolume, mismatchOf } from './match.ts'
import {
  bindCompleted,
  classNameOf,
  defaultClassOf,
  isDelayed,
  isMeantFor,
  selectedNode,
  storageProvisioner,
  type Claim,
  type Volume,
} from './volume-facts.ts'

export interface ClaimObserved {
  readonly claim: Claim
  /** All volumes of the cluster; only looked through for a claim that has none. */
  readonly volumes: () => readonly Volume[]
  readonly volume: (name: string) => Volume | undefined
  readonly classes: readonly Live<StorageClass>[]
  /** The names of pods that want the claim and have no node yet; only asked for a claim that waits for them. */
  readonly waitingPods: () => readonly string[]
}

export interface Event {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export type ClaimPlan =
  | { readonly action: 'none' }
  | { readonly action: 'bind'; readonly volume: Volume }
  /** It stays without a volume, and an event says why. */
  | { readonly action: 'wait'; readonly event?: Event }
  | { readonly action: 'lose'; readonly event: Event }
  /** A default class appeared after the claim. */
  | { readonly action: 'setClass'; readonly storageClassName: string }
  /** The provisioner of this name is to make a volume: it looks for the annotation. */
  | { readonly action: 'provision'; readonly provisioner: string; readonly event: Event }

const normal = (reason: string, message: string): Event => ({ type: 'Normal', reason, message })
const warning = (reason: string, message: string): Event => ({ type: 'Warning', reason, message })

export function planClaim(observed: ClaimObserved): ClaimPlan {
  const { claim, volume } = observed
  const volumeName = claim.spec?.volumeName ?? ''
  if (claim.metadata.annotations?.[bindCompleted] !== undefined)
    return settledClaim(claim, volumeName === '' ? undefined : volume(volumeName))
  if (claim.metadata.deletionTimestamp !== undefined) return { action: 'none' }
  return volumeName === '' ? anyVolume(observed) : namedVolume(claim, volumeName, volume(volumeName))
}

/** A claim that was bound once is bound, or lost: it never gets another volume. */
function settledClaim(claim: Claim, volume: Volume | undefined): ClaimPlan {
  const lose = (reason: string, message: string): ClaimPlan => ({ action: 'lose', event: warning(reason, message) })
  if ((claim.spec?.volumeName ?? '') === '')
    return lose('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
  if (volume === undefined)
    return lose('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  const { claimRef } = volume.spec ?? {}
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) return { action: 'bind', volume }
  return lose('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
}

function namedVolume(claim: Claim, name: string, volume: Volume | undefined): ClaimPlan {
  if (volume === undefined) return { action: 'wait' }
  if (volume.spec?.claimRef !== undefined) {
    if (isMeantFor(volume, claim)) return { action: 'bind', volume }
    const message = `volume ${JSON.stringify(name)} already bound to a different claim.`
    return { action: 'wait', event: warning('FailedBinding', message) }
  }
  const mismatch = mismatchOf(volume, claim)
  if (mismatch === undefined) return { action: 'bind', volume }
  const message = `Cannot bind to requested volume ${JSON.stringify(name)}: ${mismatch}`
  return { action: 'wait', event: warning('VolumeMismatch', message) }
}

function anyVolume({ claim, volumes, classes, waitingPods }: ClaimObserved): ClaimPlan {
  const named = claim.spec?.storageClassName !== undefined || classNameOf(claim) !== ''
  const fallback = named ? undefined : defaultClassOf(classes)
  if (fallback !== undefined) return { action: 'setClass', storageClassName: fallback.metadata.name }
  const className = classNameOf(claim)
  const storageClass = classes.find(({ metadata }) => metadata.name === className)
  const waits = isDelayed(storageClass) && claim.metadata.annotations?.[selectedNode] === undefined
  const volume = findVolume(claim, volumes(), waits)
  if (volume !== undefined) return { action: 'bind', volume }
  if (waits) return { action: 'wait', event: awaited(waitingPods()) }
  return className === '' ? nothingFits() : provision(claim, className, storageClass)
}

function awaited(pods: readonly string[]): Event {
  if (pods.length === 0)
    return normal('WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
  const who = pods.length === 1 ? 'pod' : 'pods'
  return normal('WaitForPodScheduled', `waiting for ${who} ${pods.join(',')} to be scheduled`)
}

const nothingFits = (): ClaimPlan => ({
  action: 'wait',
  event: normal('FailedBinding', 'no persistent volumes available for this claim and no storage class is set'),
})

function provision(claim: Claim, className: string, storageClass: Live<StorageClass> | undefined): ClaimPlan {
  if (storageClass === undefined) {
    const message = `storageclass.storage.k8s.io ${JSON.stringify(className)} not found`
    return { action: 'wait', event: warning('ProvisioningFailed', message) }
  }
  const found = provisionerFor(storageClass.provisioner)
  if ('problem' in found) return { action: 'wait', event: warning('ProvisioningFailed', found.problem) }
  const provisioner = found.name
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  const event = normal('ExternalProvisioning', message)
  return claim.metadata.annotations?.[storageProvisioner] === provisioner
    ? { action: 'wait', event }
    : { action: 'provision', provisioner, event }
}
