/** A pod runs as some service account: `default` when it names none. */
import type { Pod } from '../../api/types/core-v1.ts'
import type { AdmissionPlugin } from './admission.ts'

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  mutate({ operation, kind, subresource, object }) {
    if (operation !== 'CREATE' || kind.group !== '' || kind.kind !== 'Pod' || subresource !== '') return
    const { spec } = object as Pod
    if (spec === undefined) return
    if (spec.serviceAccountName === undefined || spec.serviceAccountName === '')
      spec.serviceAccountName = spec.serviceAccount ?? 'default'
    // The old name of the field: clients still read it.
    spec.serviceAccount = spec.serviceAccountName
  },
}
