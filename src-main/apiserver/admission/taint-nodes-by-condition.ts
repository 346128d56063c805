/** A new node takes no pods until the node controller has seen that it is ready. */
import type { Node } from '../../api/types/core-v1.ts'
import type { AdmissionPlugin } from './admission.ts'

const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate({ operation, kind, subresource, object }) {
    if (operation !== 'CREATE' || kind.group !== '' || kind.plural !== 'nodes' || subresource !== '') return
    const { spec } = object as Node
    const taints = spec?.taints ?? []
    if (taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)) return
    object.spec = { ...spec, taints: [...taints, { ...taint }] }
  },
}
