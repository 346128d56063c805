/** Which volumes of CSI drivers are to be attached to a node, and which may leave it. */
import { createHash } from 'node:crypto'
import { findCondition } from '../../api/meta/conditions.ts'
import type { Live } from '../../api/meta/object.ts'
import type { AttachedVolume, Node } from '../../api/types/core-v1.ts'
import type { VolumeAttachment } from '../../api/types/storage-v1.ts'

/** A node that does not say that it has let go is believed to have, after this time, when it is not well either. */
export const unmountTimeoutMs = 6 * 60_000
const outOfService = 'node.kubernetes.io/out-of-service'

export interface AttachableVolume {
  /** Of the PersistentVolume. */
  readonly name: string
  readonly driver: string
  readonly handle: string
  /** More than one node may have it. */
  readonly shared: boolean
}

export interface AttachmentsObserved {
  readonly nodeName: string
  /** Undefined when it is gone. */
  readonly node: Live<Node> | undefined
  /** What the pods of the node use. */
  readonly wanted: readonly AttachableVolume[]
  /** All of the node. */
  readonly attachments: readonly Live<VolumeAttachment>[]
  readonly volume: (name: string) => AttachableVolume | undefined
  /** Whether another node has the volume. */
  readonly isElsewhere: (volumeName: string) => boolean
  /** Since when nobody wants an attachment, by its uid; Unix milliseconds. */
  readonly unwantedSince: ReadonlyMap<string, number>
  readonly nowMs: number
}

export interface AttachmentsPlan {
  readonly create: readonly VolumeAttachment[]
  /** Another node has them, and they are for one node alone. */
  readonly blocked: readonly AttachableVolume[]
  readonly remove: readonly Live<VolumeAttachment>[]
  /** Uids of attachments that nobody wants and that may not be removed yet. */
  readonly waiting: readonly string[]
  /** What the node's status should say. */
  readonly attached: readonly AttachedVolume[]
  readonly requeueAfterMs: number | undefined
}

/** As kubelets and drivers know it. */
export const uniqueNameOf = ({ driver, handle }: AttachableVolume): string => `kubernetes.io/csi/${driver}^${handle}`

export const attachmentName = ({ driver, handle }: AttachableVolume, nodeName: string): string =>
  `csi-${createHash('sha256').update(`${handle}${driver}${nodeName}`).digest('hex')}`

const volumeNameOf = ({ spec }: VolumeAttachment): string => spec.source.persistentVolumeName ?? ''
const isOurs = ({ metadata }: VolumeAttachment): boolean => /^csi-[0-9a-f]{64}$/.test(metadata?.name ?? '')
const retryMs = 10_000

export function planAttachments(observed: AttachmentsObserved): AttachmentsPlan {
  const { nodeName, wanted, attachments, isElsewhere } = observed
  const names = new Set(wanted.map(({ name }) => name))
  const present = new Set(attachments.map(volumeNameOf))
  const missing = wanted.filter(({ name }) => !present.has(name))
  const blocked = missing.filter(({ name, shared }) => !shared && isElsewhere(name))
  const unwanted = attachments.filter(
    (one) => isOurs(one) && one.metadata.deletionTimestamp === undefined && !names.has(volumeNameOf(one)),
  )
  const waits = new Map(unwanted.map((one) => [one, waitMs(observed, one)]))
  const remove = unwanted.filter((one) => waits.get(one) === 0)
  const staying = attachments.filter((one) => !remove.includes(one) && one.metadata.deletionTimestamp === undefined)
  const later = [...waits.values(), ...(blocked.length > 0 ? [retryMs] : [])].filter((wait) => wait > 0)
  return {
    create: missing
      .filter((volume) => !blocked.includes(volume))
      .map((volume) => ({
        metadata: { name: attachmentName(volume, nodeName) },
        spec: { attacher: volume.driver, nodeName, source: { persistentVolumeName: volume.name } },
      })),
    blocked,
    remove,
    waiting: unwanted.filter((one) => !remove.includes(one)).map(({ metadata }) => metadata.uid),
    attached: staying.flatMap((one) => attachedVolume(observed, one)),
    requeueAfterMs: later.length === 0 ? undefined : Math.min(...later),
  }
}

function attachedVolume({ volume }: AttachmentsObserved, attachment: Live<VolumeAttachment>): AttachedVolume[] {
  const known = volume(volumeNameOf(attachment))
  return known === undefined || attachment.status?.attached !== true
    ? []
    : [{ name: uniqueNameOf(known), devicePath: '' }]
}

/** How long a volume has to stay although nobody wants it: the node may still have it mounted. */
function waitMs(
  { node, volume, unwantedSince, nowMs }: AttachmentsObserved,
  attachment: Live<VolumeAttachment>,
): number {
  const known = volume(volumeNameOf(attachment))
  const inUse = known !== undefined && node?.status?.volumesInUse?.includes(uniqueNameOf(known)) === true
  if (!inUse || node.spec?.taints?.some(({ key }) => key === outOfService) === true) return 0
  const leftMs = (unwantedSince.get(attachment.metadata.uid) ?? nowMs) + unmountTimeoutMs - nowMs
  if (leftMs > 0) return leftMs
  return findCondition(node.status?.conditions, 'Ready')?.status === 'True' ? unmountTimeoutMs : 0
}
