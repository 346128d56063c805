/** Roles for people: what everybody may ask, and the ladder of view, edit, admin and cluster-admin. */
import type { ClusterRole, ClusterRoleBinding } from '../../api/types/rbac-v1.ts'
import { clusterBinding, clusterRole, group, paths, rbacGroup, read, readWrite, rule, write } from './rule.ts'

const aggregateTo = (name: string): Record<string, string> => ({ [`${rbacGroup}/aggregate-to-${name}`]: 'true' })

/** A role whose rules are those of all roles with its label; the aggregation controller fills them in. */
function aggregated(name: string, partOf?: string): ClusterRole {
  return {
    ...clusterRole(name, [], partOf === undefined ? {} : aggregateTo(partOf)),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateTo(name) }] },
  }
}

const health = '/healthz /livez /readyz'

const admin = [
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
  rule(readWrite, rbacGroup, 'roles rolebindings'),
]

const edit = [
  rule(read, 'core', 'pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy'),
  rule('impersonate', 'core', 'serviceaccounts'),
  rule(write, 'core', 'pods pods/attach pods/proxy pods/exec pods/portforward'),
  rule('create', 'core', 'pods/eviction'),
  rule(
    write,
    'core',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets ' +
      'serviceaccounts services services/proxy',
  ),
  rule('create', 'core', 'serviceaccounts/token'),
  rule(
    write,
    'apps',
    'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets ' +
      'statefulsets/scale',
  ),
  rule(write, 'autoscaling', 'horizontalpodautoscalers'),
  rule(write, 'batch', 'cronjobs jobs'),
  rule(
    write,
    'extensions',
    'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets ' +
      'replicasets/scale replicationcontrollers/scale',
  ),
  rule(write, 'policy', 'poddisruptionbudgets'),
  rule(write, 'networking.k8s.io', 'ingresses networkpolicies'),
  rule(readWrite, 'coordination.k8s.io', 'leases'),
  rule(write, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
]

const view = [
  rule(
    read,
    'core',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers ' +
      'replicationcontrollers/scale serviceaccounts services services/status',
  ),
  rule(
    read,
    'core',
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status ' +
      'resourcequotas resourcequotas/status',
  ),
  // In a namespace: that very namespace.
  rule(read, 'core', 'namespaces'),
  rule(read, 'discovery.k8s.io', 'endpointslices'),
  rule(
    read,
    'apps',
    'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets ' +
      'replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
  ),
  rule(read, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  rule(read, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
  rule(
    read,
    'extensions',
    'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status ' +
      'networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
  ),
  rule(read, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
  rule(read, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
  rule(read, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
]

export const peopleRoles: readonly ClusterRole[] = [
  clusterRole('cluster-admin', [rule('*', '*', '*'), paths('*', '*')]),
  aggregated('admin'),
  aggregated('edit', 'admin'),
  aggregated('view', 'edit'),
  clusterRole('system:aggregate-to-admin', admin, aggregateTo('admin')),
  clusterRole('system:aggregate-to-edit', edit, aggregateTo('edit')),
  clusterRole('system:aggregate-to-view', view, aggregateTo('view')),
  clusterRole('system:basic-user', [
    rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ]),
  clusterRole('system:discovery', [
    paths('get', `/api /api/* /apis /apis/* ${health} /openapi /openapi/* /version /version/`),
  ]),
  clusterRole('system:public-info-viewer', [paths('get', `${health} /version /version/`)]),
  clusterRole('system:monitoring', [paths('get', `/metrics /metrics/slis ${health} /healthz/* /livez/* /readyz/*`)]),
  clusterRole('system:cluster-trust-bundle-discovery', [rule(read, 'certificates.k8s.io', 'clustertrustbundles')]),
  clusterRole('system:service-account-issuer-discovery', [
    paths(
      'get',
      '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
    ),
  ]),
]

const everyone = group('system:authenticated')

export const peopleBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('cluster-admin', group('system:masters')),
  clusterBinding('system:basic-user', everyone),
  clusterBinding('system:discovery', everyone),
  clusterBinding('system:public-info-viewer', everyone, group('system:unauthenticated')),
  clusterBinding('system:monitoring', group('system:monitoring')),
  clusterBinding('system:cluster-trust-bundle-discovery', group('system:serviceaccounts')),
  clusterBinding('system:service-account-issuer-discovery', group('system:serviceaccounts')),
]
