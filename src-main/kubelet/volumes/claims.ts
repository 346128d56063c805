/** What stands behind the claims of a pod: the volumes that they are bound to, as this node mounts them. */
import { isReason } from '../../api/errors.ts'
import { persistentVolumeClaim as claimKind } from '../../api/kinds/core/persistent-volume-claim.ts'
import { persistentVolume as volumeKind } from '../../api/kinds/core/persistent-volume.ts'
import type { Live } from '../../api/meta/object.ts'
import { isControlledBy } from '../../api/meta/owner-references.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../api/types/core-v1.ts'
import type { Client } from '../../client/client.ts'
import { ConfigError } from '../config-error.ts'

const hasClaim = ({ persistentVolumeClaim, ephemeral }: Volume): boolean =>
  persistentVolumeClaim !== undefined || ephemeral !== undefined

/**
 * The pod with its claims replaced by what they are bound to. A pod without claims is returned as it is, at no cost.
 * Throws ConfigError while one of them is not bound.
 */
export async function withClaims(client: Client, pod: Live<Pod>): Promise<Live<Pod>> {
  const volumes = pod.spec?.volumes
  if (pod.spec === undefined || volumes?.some(hasClaim) !== true) return pod
  const mounted = await Promise.all(
    volumes.map((volume) => (hasClaim(volume) ? behindClaim(client, pod, volume) : volume)),
  )
  return { ...pod, spec: { ...pod.spec, volumes: mounted } }
}

async function behindClaim(client: Client, pod: Live<Pod>, volume: Volume): Promise<Volume> {
  try {
    const claim = await claimOf(client, pod, volume)
    const name = claim.spec?.volumeName ?? ''
    if (name === '' || claim.status?.phase !== 'Bound') throw fail(`claim ${claim.metadata.name} is not bound`)
    const bound = await getOr(client.get(volumeKind, { name }), `persistentvolume ${JSON.stringify(name)} not found`)
    if (bound.spec?.claimRef?.uid !== claim.metadata.uid)
      throw fail(`persistentvolume ${JSON.stringify(name)} is bound to another claim than ${claim.metadata.name}`)
    // The claim stays beside it: it says whether the pod may write.
    return { ...volume, ...mountable(bound) }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new ConfigError('FailedMount', `MountVolume.SetUp failed for volume "${volume.name}" : ${words}`, error)
  }
}

async function claimOf(client: Client, pod: Live<Pod>, volume: Volume): Promise<Live<PersistentVolumeClaim>> {
  const { name: podName, namespace = 'default' } = pod.metadata
  const own = volume.persistentVolumeClaim === undefined
  const name = volume.persistentVolumeClaim?.claimName ?? `${podName}-${volume.name}`
  const missing = `persistentvolumeclaim ${JSON.stringify(name)} not found`
  const claim = await getOr(client.get(claimKind, { name, namespace }), missing)
  if (own && !isControlledBy(claim, pod))
    throw fail(`PVC "${namespace}/${name}" was not created for pod "${namespace}/${podName}" (pod is not owner)`)
  return claim
}

/** Only folders of the node: every other kind needs a driver on it. */
function mountable({ metadata, spec = {} }: Live<PersistentVolume>): Pick<Volume, 'hostPath'> {
  if (spec.hostPath !== undefined) return { hostPath: spec.hostPath }
  if (spec.local !== undefined) return { hostPath: { path: spec.local.path, type: 'Directory' } }
  throw fail(`persistentvolume ${JSON.stringify(metadata.name)} is of a kind that cannot be mounted on this node`)
}

const fail = (message: string): ConfigError => new ConfigError('FailedMount', message)

async function getOr<T>(answer: Promise<T>, missing: string): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (isReason(error, 'NotFound')) throw fail(missing)
    throw error
  }
}
