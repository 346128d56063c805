/**
 * Resources that a cluster has very many objects of: what their bytes decode to is not kept for its own sake. Whoever
 * holds such an object, an informer for example, shares it with the cache as before.
 */
export const plentiful: ReadonlySet<string> = new Set([
  'core/pods',
  'core/events',
  'core/configmaps',
  'core/secrets',
  'core/nodes',
  'core/endpoints',
  'core/serviceaccounts',
  'discovery.k8s.io/endpointslices',
  'coordination.k8s.io/leases',
  'apps/replicasets',
  'apps/controllerrevisions',
  'batch/jobs',
])
