/** A pod stays five minutes on a node that is not ready or cannot be reached, unless it says otherwise. */
import type { Pod, Toleration } from '../../api/types/core-v1.ts'
import type { AdmissionPlugin } from './admission.ts'

const defaultSeconds = 300
const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate({ operation, kind, subresource, object }) {
    if (operation !== 'CREATE' || kind.group !== '' || kind.kind !== 'Pod' || subresource !== '') return
    const { spec } = object as Pod
    if (spec === undefined) return
    const tolerations = spec.tolerations ?? []
    const missing = taints.filter((taint) => !tolerations.some((toleration) => covers(toleration, taint)))
    if (missing.length === 0) return
    spec.tolerations = [
      ...tolerations,
      ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: defaultSeconds })),
    ]
  },
}

function covers({ key, effect }: Toleration, taint: string): boolean {
  const keyFits = key === taint || key === undefined || key === ''
  return keyFits && (effect === 'NoExecute' || effect === undefined || effect === '')
}
