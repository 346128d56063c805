/** Roles of the components of a cluster, and those that add-ons are commonly bound to. */
import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../api/types/rbac-v1.ts'
import { account, clusterBinding, clusterRole, events, read, rule, user } from './rule.ts'

const certificates = 'certificates.k8s.io'
const storage = 'storage.k8s.io'
const dynamicResources = 'resource.k8s.io'
const reviews = [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
]

/** What every node may do beside what the node authorizer lets it read of its own pods. */
export const nodeRules: readonly PolicyRule[] = [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
  rule(read, 'core', 'services'),
  rule('create', 'core', 'nodes'),
  rule('update patch', 'core', 'nodes nodes/status'),
  rule('create update patch', 'core events.k8s.io', 'events'),
  rule('create delete', 'core', 'pods'),
  rule('update patch', 'core', 'pods/status'),
  rule('create', 'core', 'pods/eviction'),
  rule(read, 'core', 'configmaps secrets'),
  rule('get', 'core', 'persistentvolumeclaims persistentvolumes'),
  rule('create get list watch', certificates, 'certificatesigningrequests'),
  rule('create get list watch', certificates, 'podcertificaterequests'),
  rule(read, certificates, 'clustertrustbundles'),
  rule('get create update patch delete', 'coordination.k8s.io', 'leases'),
  rule('get', storage, 'volumeattachments'),
  rule('get update patch', 'core', 'persistentvolumeclaims/status'),
  rule('create', 'core', 'serviceaccounts/token'),
  rule('get', 'core', 'serviceaccounts'),
  rule(read, storage, 'csidrivers'),
  rule('get create update patch delete', storage, 'csinodes'),
  rule(read, 'node.k8s.io', 'runtimeclasses'),
  rule('get', dynamicResources, 'resourceclaims'),
  rule('deletecollection', dynamicResources, 'resourceslices'),
  rule('get list watch create update patch delete', dynamicResources, 'resourceslices'),
]

const controllerManager = [
  events,
  rule('create', 'coordination.k8s.io', 'leases'),
  rule('get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
  rule('create', 'core', 'secrets serviceaccounts'),
  rule('delete', 'core', 'secrets'),
  rule('get', 'core', 'configmaps namespaces secrets serviceaccounts'),
  rule('update', 'core', 'secrets serviceaccounts'),
  ...reviews,
  rule('list watch', '*', '*'),
  rule('create', 'core', 'serviceaccounts/token'),
]

const scheduler = [
  events,
  rule('create', 'coordination.k8s.io', 'leases'),
  rule('get list update watch', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
  rule('create', 'coordination.k8s.io', 'leasecandidates'),
  rule('get list update watch patch delete', 'coordination.k8s.io', 'leasecandidates'),
  rule(read, 'core', 'namespaces nodes'),
  rule('get list watch delete', 'core', 'pods'),
  rule('create', 'core', 'bindings pods/binding'),
  rule('patch update', 'core', 'pods/status'),
  rule(read, 'core', 'replicationcontrollers services'),
  rule(read, 'apps extensions', 'replicasets'),
  rule(read, 'apps', 'statefulsets'),
  rule(read, 'policy', 'poddisruptionbudgets'),
  rule(read, 'core', 'persistentvolumeclaims persistentvolumes'),
  ...reviews,
  rule(read, storage, 'csidrivers csinodes csistoragecapacities volumeattachments'),
  rule(read, dynamicResources, 'deviceclasses resourceslices devicetaintrules'),
  rule('get list watch patch update', dynamicResources, 'resourceclaims resourceclaims/status'),
  rule(read, 'scheduling.k8s.io', 'podgroups priorityclasses workloads'),
]

const approver = (name: string, signer: string): ClusterRole =>
  clusterRole(`system:certificates.k8s.io:${name}`, [rule('approve', certificates, 'signers', signer)])
const requester = (name: string): ClusterRole =>
  clusterRole(`system:certificates.k8s.io:certificatesigningrequests:${name}`, [
    rule('create', certificates, `certificatesigningrequests/${name}`),
  ])

export const componentRoles: readonly ClusterRole[] = [
  clusterRole('system:node', nodeRules),
  clusterRole('system:node-problem-detector', [
    rule('get', 'core', 'nodes'),
    rule('patch', 'core', 'nodes/status'),
    events,
  ]),
  clusterRole('system:kubelet-api-admin', [
    rule(read, 'core', 'nodes'),
    rule('proxy', 'core', 'nodes'),
    rule(
      '*',
      'core',
      'nodes/checkpoint nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats',
    ),
  ]),
  clusterRole('system:node-bootstrapper', [rule('create get list watch', certificates, 'certificatesigningrequests')]),
  clusterRole('system:auth-delegator', reviews),
  clusterRole('system:kube-aggregator', [rule(read, 'core', 'endpoints services')]),
  clusterRole('system:kube-controller-manager', controllerManager),
  clusterRole('system:kube-dns', [rule('list watch', 'core', 'endpoints services')]),
  clusterRole('system:persistent-volume-provisioner', [
    rule('get list watch create delete', 'core', 'persistentvolumes'),
    rule('get list watch update', 'core', 'persistentvolumeclaims'),
    rule(read, storage, 'storageclasses'),
    rule('watch', 'core', 'events'),
    events,
  ]),
  requester('nodeclient'),
  requester('selfnodeclient'),
  clusterRole('system:volume-scheduler', [
    rule('get list watch update patch', 'core', 'persistentvolumes'),
    rule(read, storage, 'storageclasses'),
    rule('get list watch update patch', 'core', 'persistentvolumeclaims'),
  ]),
  approver('legacy-unknown-approver', 'kubernetes.io/legacy-unknown'),
  approver('kubelet-serving-approver', 'kubernetes.io/kubelet-serving'),
  approver('kube-apiserver-client-approver', 'kubernetes.io/kube-apiserver-client'),
  approver('kube-apiserver-client-kubelet-approver', 'kubernetes.io/kube-apiserver-client-kubelet'),
  clusterRole('system:node-proxier', [
    rule('list watch', 'core', 'endpoints services'),
    rule(read, 'core', 'nodes'),
    events,
    rule('list watch', 'discovery.k8s.io', 'endpointslices'),
    rule(read, 'networking.k8s.io', 'servicecidrs'),
  ]),
  clusterRole('system:kube-scheduler', scheduler),
]

const kubeScheduler = user('system:kube-scheduler')

export const componentBindings: readonly ClusterRoleBinding[] = [
  clusterBinding('system:node-proxier', user('system:kube-proxy')),
  clusterBinding('system:kube-controller-manager', user('system:kube-controller-manager')),
  clusterBinding('system:kube-dns', account('kube-dns')),
  clusterBinding('system:kube-scheduler', kubeScheduler),
  clusterBinding('system:volume-scheduler', kubeScheduler),
  // Nobody: nodes have their rights from the node authorizer.
  clusterBinding('system:node'),
]
