/** Nothing is created in a namespace that is not there or is going, and the namespaces that the cluster needs stay. */
import { forbiddenRequest, notFound, StatusError } from '../../api/errors.ts'
import type { AdmissionPlugin } from './admission.ts'

const immortal = new Set(['default', 'kube-system', 'kube-public'])
const namespaces = { group: '', plural: 'namespaces' }

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  validate({ operation, kind, name }) {
    if (operation === 'DELETE' && kind.group === '' && kind.plural === 'namespaces' && immortal.has(name))
      throw forbiddenRequest(kind, name, 'this namespace may not be deleted')
  },
  // Early, so that a missing namespace is named before anything that is wrong with the object.
  mutate({ operation, kind, namespace, name }, { cache }) {
    if (operation !== 'CREATE' || !kind.namespaced) return
    // What may be done in a namespace can be asked whatever its state: to say it would tell of it.
    if (kind.group === 'authorization.k8s.io') return
    const stored = cache.resource('core/namespaces').get(namespace)
    if (stored === undefined) throw notFound(namespaces, namespace)
    if (stored.object.metadata?.deletionTimestamp === undefined) return
    const refusal = forbiddenRequest(
      kind,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    )
    const cause = {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    }
    throw new StatusError(refusal.code, refusal.reason, refusal.message, { ...refusal.details, causes: [cause] })
  },
}
