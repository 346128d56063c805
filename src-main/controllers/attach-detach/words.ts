/** What pods are told of volumes that cannot be attached for them. */
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'

/** `users` are the pods that have the volume on other nodes. Only those of its own namespace are named to a pod. */
export function multiAttachWords(volumeName: string, pod: Live<Pod>, users: readonly Live<Pod>[]): string {
  return `Multi-Attach error for volume ${JSON.stringify(volumeName)} ${usersWords(pod, users)}`
}

function usersWords(pod: Live<Pod>, users: readonly Live<Pod>[]): string {
  if (users.length === 0) return "Volume is already exclusively attached to one node and can't be attached to another"
  const near = users.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace)
  const far = `${users.length - near.length} pod(s) in different namespaces`
  if (near.length === 0) return `Volume is already used by ${far}`
  const names = near.map(({ metadata }) => metadata.name).join(', ')
  const rest = users.length > near.length ? ` and ${far}` : ''
  return `Volume is already used by pod(s) ${names}${rest}`
}

export const attachedWords = (volumeName: string): string =>
  `AttachVolume.Attach succeeded for volume ${JSON.stringify(volumeName)} `

export const attachFailedWords = (volumeName: string, why: string): string =>
  `AttachVolume.Attach failed for volume ${JSON.stringify(volumeName)} : ${why}`
