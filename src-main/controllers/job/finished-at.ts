import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'

/** When the pod ended, as well as can be told. Unix milliseconds. */
export function finishedAt({ metadata, status }: Live<Pod>): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''))
  if (ends.length > 0 && !ends.some(Number.isNaN)) return Math.max(...ends)
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status === 'False' && ready.lastTransitionTime !== undefined) return Date.parse(ready.lastTransitionTime)
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = metadata
  if (deletionTimestamp !== undefined) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000
  return Date.parse(creationTimestamp)
}
