/** Roles that Kubernetes does not have: for what is Orrery's own, and where a controller of ours works another way. */
import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../api/types/rbac-v1.ts'
import { account, clusterBinding, clusterRole, events, read, readWrite, rule, user } from './rule.ts'

const labs = 'lab.orrery.dev'
const glass = 'glass.orrery.dev'
const viewLabel = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }

/** Where a controller of ours reads or patches what that of Kubernetes takes from a cache or updates. */
const controllerRules: Readonly<Record<string, readonly PolicyRule[]>> = {
  'deployment-controller': [rule('patch', 'apps', 'deployments')],
  'local-path-provisioner': [
    rule('get list watch create update delete', 'core', 'persistentvolumes'),
    rule('update patch', 'core', 'persistentvolumes/status'),
    rule('list watch', 'core', 'nodes persistentvolumeclaims pods'),
    rule('create delete', 'core', 'pods'),
    rule('list watch create', 'storage.k8s.io', 'storageclasses'),
    events,
  ],
  'resourcequota-controller': [rule('get', 'core', 'resourcequotas')],
  'statefulset-controller': [rule('patch', 'core', 'persistentvolumeclaims')],
}
const controllers = Object.keys(controllerRules)
const controllerRole = (name: string): string => `orrery:controller:${name}`

export const orreryRoles: readonly ClusterRole[] = [
  // The part that makes workers of machines.
  clusterRole('orrery:lab', [rule('*', labs, '*'), rule('get list watch delete', 'core', 'nodes'), events]),
  // Routes between nodes are made on every node, from all of them.
  clusterRole('orrery:node-network', [rule(read, 'core', 'nodes pods'), events]),
  // Services, headless ones and pods have names.
  clusterRole('orrery:dns', [
    rule('list watch', 'core', 'pods services'),
    rule('list watch', 'discovery.k8s.io', 'endpointslices'),
  ]),
  // The proxy's mode is a wish of the lab.
  clusterRole('orrery:node-proxier', [rule(read, labs, 'labs')]),
  ...controllers.map((name) => clusterRole(controllerRole(name), controllerRules[name] ?? [])),
  clusterRole('orrery:view-timelines', [rule(read, glass, '*')], viewLabel),
  clusterRole('orrery:lab-admin', [rule(readWrite, labs, '*')]),
]

export const orreryBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('orrery:lab', user('orrery:lab')),
  clusterBinding('orrery:node-network', user('orrery:node-network')),
  clusterBinding('orrery:dns', user('orrery:dns')),
  clusterBinding('orrery:node-proxier', user('system:kube-proxy')),
  ...controllers.map((name) => clusterBinding(controllerRole(name), account(name))),
]
