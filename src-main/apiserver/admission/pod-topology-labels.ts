/** A pod that gets its node carries that node's zone and region as labels, so that it can read them itself. */
import type { Binding, Node, Pod } from '../../api/types/core-v1.ts'
import type { AdmissionPlugin } from './admission.ts'

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  mutate({ operation, kind, subresource, object }, { cache }) {
    if (kind.group !== '' || kind.plural !== 'pods') return
    if (operation !== 'CREATE' || (subresource !== '' && subresource !== 'binding')) return
    const bound = subresource === 'binding' ? (object as Partial<Binding>).target?.name : (object as Pod).spec?.nodeName
    const nodeName = bound ?? ''
    if (nodeName === '') return
    const labels = (cache.resource('core/nodes').get(nodeName)?.object as Node | undefined)?.metadata?.labels ?? {}
    const found = copied.filter((key) => labels[key] !== undefined)
    if (found.length === 0) return
    const topology = Object.fromEntries(found.map((key) => [key, labels[key] ?? '']))
    object.metadata = { ...object.metadata, labels: { ...object.metadata?.labels, ...topology } }
  },
}
