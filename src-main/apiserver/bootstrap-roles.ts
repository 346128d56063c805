/** The cluster roles that every cluster has, for people to be bound to. */
import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../api/types/rbac-v1.ts'

const everything = ['*']
const read = ['get', 'list', 'watch']
const write = ['create', 'update', 'patch', 'delete', 'deletecollection']

/** What one works with day by day; secrets are apart, for reading them is more than looking. */
const daily: readonly (readonly [group: string, resources: readonly string[]])[] = [
  [
    '',
    [
      'configmaps',
      'endpoints',
      'events',
      'persistentvolumeclaims',
      'pods',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'serviceaccounts',
      'services',
    ],
  ],
  [
    'apps',
    [
      ...['daemonsets', 'deployments', 'deployments/scale', 'replicasets', 'replicasets/scale'],
      ...['controllerrevisions', 'statefulsets', 'statefulsets/scale'],
    ],
  ],
  ['batch', ['cronjobs', 'jobs']],
  ['autoscaling', ['horizontalpodautoscalers']],
  ['networking.k8s.io', ['ingresses', 'networkpolicies']],
  ['policy', ['poddisruptionbudgets']],
  ['discovery.k8s.io', ['endpointslices']],
]
/** What the system writes, and people only read. */
const readOnly: readonly (readonly [group: string, resources: readonly string[]])[] = [
  ['', ['bindings', 'limitranges', 'namespaces', 'namespaces/status', 'pods/log', 'pods/status', 'resourcequotas']],
  ['apps', ['daemonsets/status', 'deployments/status', 'replicasets/status', 'statefulsets/status']],
  ['batch', ['cronjobs/status', 'jobs/status']],
]

const rulesOf = (verbs: readonly string[], list: typeof daily): PolicyRule[] =>
  list.map(([group, resources]) => ({ verbs: [...verbs], apiGroups: [group], resources: [...resources] }))
const rule = (verbs: readonly string[], group: string, ...resources: string[]): PolicyRule => ({
  verbs: [...verbs],
  apiGroups: [group],
  resources,
})

const view = [...rulesOf(read, daily), ...rulesOf(read, readOnly)]
const edit = [
  ...view,
  ...rulesOf(write, daily),
  rule([...read, ...write], '', 'secrets'),
  rule(['create'], '', 'pods/eviction', 'pods/attach', 'pods/exec', 'pods/portforward', 'serviceaccounts/token'),
  rule(['get'], '', 'pods/attach', 'pods/exec', 'pods/portforward'),
  rule(['impersonate'], '', 'serviceaccounts'),
]
const admin = [
  ...edit,
  rule([...read, ...write], 'rbac.authorization.k8s.io', 'roles', 'rolebindings'),
  rule(['create'], 'authorization.k8s.io', 'localsubjectaccessreviews'),
]

const clusterRole = (name: string, rules: PolicyRule[]): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
  rules,
})

export const bootstrapRoles: readonly ClusterRole[] = [
  clusterRole('cluster-admin', [
    rule(everything, '*', '*'),
    { verbs: [...everything], nonResourceURLs: [...everything] },
  ]),
  clusterRole('admin', admin),
  clusterRole('edit', edit),
  clusterRole('view', view),
]

export const bootstrapBindings: readonly ClusterRoleBinding[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'cluster-admin', labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:masters' }],
  },
]
