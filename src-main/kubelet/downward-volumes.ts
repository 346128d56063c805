import { stableText } from '../api/meta/pod.ts'
import type { Pod } from '../api/types/core-v1.ts'

/** Whether a volume of the pod shows fields of the pod itself. */
export function showsItself({ spec }: Pod): boolean {
  return (spec?.volumes ?? []).some(
    ({ downwardAPI, projected }) =>
      downwardAPI !== undefined || projected?.sources?.some((source) => source.downwardAPI !== undefined) === true,
  )
}

/** Whether both show the same: of what such a volume may show, labels and annotations alone change while a pod runs. */
export function sameFace({ metadata: left }: Pod, { metadata: right }: Pod): boolean {
  const face = (metadata: Pod['metadata']): string =>
    stableText({ labels: metadata?.labels ?? {}, annotations: metadata?.annotations ?? {} })
  return left?.labels === right?.labels && left?.annotations === right?.annotations ? true : face(left) === face(right)
}
