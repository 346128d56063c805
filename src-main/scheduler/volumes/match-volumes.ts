/** Which volumes a pod's unbound claims would get on a node. */
import { labelSelectorFrom } from '../../api/meta/label-selector.ts'
import { matchesNodeSelector } from '../../api/meta/node-affinity.ts'
import type { Live } from '../../api/meta/object.ts'
import { parseQuantity, wholeValue } from '../../api/meta/quantity.ts'
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.ts'
import type { StorageClass } from '../../api/types/storage-v1.ts'
import type { StorageView } from './storage-view.ts'

export const selectedNodeAnnotation = 'volume.kubernetes.io/selected-node'
const noProvisioner = 'kubernetes.io/no-provisioner'

export type Claim = Live<PersistentVolumeClaim>
export type Volume = Live<PersistentVolume>

export interface Match {
  readonly claim: Claim
  readonly volume: Volume
}

/** What is to be written before a pod is bound. */
export interface VolumePlan {
  readonly matches: readonly Match[]
  /** Claims for which a provisioner will make a volume for the node. */
  readonly provisions: readonly Claim[]
}

export type VolumeRefusal = 'no volume' | 'no room'

const sizeOf = (text: string | undefined): number => (text === undefined ? 0 : wholeValue(parseQuantity(text)))
export const requestedBytes = ({ spec }: PersistentVolumeClaim): number =>
  sizeOf(spec?.resources?.requests?.['storage'])
const capacityBytes = ({ spec }: PersistentVolume): number => sizeOf(spec?.capacity?.['storage'])

export const classOf = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? ''

export const allowsNode = ({ spec }: PersistentVolume, node: Node): boolean =>
  spec?.nodeAffinity?.required === undefined || matchesNodeSelector(spec.nodeAffinity.required, node)

const isMeantFor = ({ spec }: Volume, { metadata }: Claim): boolean => {
  const reference = spec?.claimRef
  return (
    reference?.name === metadata.name &&
    reference.namespace === metadata.namespace &&
    (reference.uid === undefined || reference.uid === '' || reference.uid === metadata.uid)
  )
}

/** The smallest volume that will do, or the one that was set aside for the claim. */
function volumeFor(
  claim: Claim,
  node: Node,
  volumes: readonly Volume[],
  taken: ReadonlySet<string>,
): Volume | undefined {
  const { accessModes = [], volumeMode = 'Filesystem', selector, volumeAttributesClassName = '' } = claim.spec ?? {}
  const wanted = selector === undefined ? undefined : labelSelectorFrom(selector)
  const bytes = requestedBytes(claim)
  let best: Volume | undefined
  for (const volume of volumes) {
    if (taken.has(volume.metadata.name) || (volume.spec?.volumeMode ?? 'Filesystem') !== volumeMode) continue
    if (isMeantFor(volume, claim)) {
      if (allowsNode(volume, node)) return volume
      continue
    }
    if (volume.metadata.deletionTimestamp !== undefined || volume.spec?.claimRef !== undefined) continue
    if ((volume.status?.phase ?? 'Available') !== 'Available') continue
    if ((volume.spec?.volumeAttributesClassName ?? '') !== volumeAttributesClassName) continue
    if (capacityBytes(volume) < bytes || wanted?.matches(volume.metadata.labels) === false) continue
    if (!accessModes.every((mode) => volume.spec?.accessModes?.includes(mode))) continue
    if (!allowsNode(volume, node)) continue
    if (best === undefined || capacityBytes(volume) < capacityBytes(best)) best = volume
  }
  return best
}

/** `allowedTopologies` is a list of alternatives, each of which must hold wholly. */
function allowsTopology({ allowedTopologies = [] }: StorageClass, node: Node): boolean {
  if (allowedTopologies.length === 0) return true
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(node.metadata?.labels?.[key] ?? '')),
  )
}

/** A driver that tells its capacity is asked whether there is enough for the claim near the node. */
function hasCapacity(claim: Claim, { provisioner }: StorageClass, node: Node, storage: StorageView): boolean {
  if (storage.csiDriver(provisioner)?.spec.storageCapacity !== true) return true
  const bytes = requestedBytes(claim)
  return storage.capacitiesOfClass(classOf(claim)).some(({ capacity, maximumVolumeSize, nodeTopology }) => {
    const limit = maximumVolumeSize ?? capacity
    return (
      limit !== undefined &&
      sizeOf(String(limit)) >= bytes &&
      labelSelectorFrom(nodeTopology).matches(node.metadata?.labels)
    )
  })
}

/** Claims must wait for their first consumer and have no volume yet. */
export function matchVolumes(
  claims: readonly Claim[],
  node: Node,
  storage: StorageView,
): VolumePlan | { readonly refused: VolumeRefusal } {
  const matches: Match[] = []
  const provisions: Claim[] = []
  const taken = new Set<string>()
  for (const claim of claims.toSorted((a, b) => requestedBytes(a) - requestedBytes(b))) {
    const selected = claim.metadata.annotations?.[selectedNodeAnnotation]
    if (selected !== undefined && selected !== node.metadata?.name) return { refused: 'no volume' }
    const volume =
      selected === undefined ? volumeFor(claim, node, storage.volumesOfClass(classOf(claim)), taken) : undefined
    if (volume !== undefined) {
      taken.add(volume.metadata.name)
      matches.push({ claim, volume })
      continue
    }
    const storageClass = storage.storageClass(classOf(claim))
    if (storageClass === undefined || storageClass.provisioner === noProvisioner) return { refused: 'no volume' }
    if (!allowsTopology(storageClass, node)) return { refused: 'no volume' }
    if (selected === undefined && !hasCapacity(claim, storageClass, node, storage)) return { refused: 'no room' }
    provisions.push(claim)
  }
  return { matches, provisions }
}
