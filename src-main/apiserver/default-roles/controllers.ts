/** What each controller may do, under a service account of its own in kube-system. */
import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../api/types/rbac-v1.ts'
import { account, clusterBinding, clusterRole, events, rbacGroup, read, rule } from './rule.ts'

const certificates = 'certificates.k8s.io'
const signers = ['legacy-unknown', 'kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving']
const signerNames = signers.map((name) => `kubernetes.io/${name}`).join(' ')
const admission = 'admissionregistration.k8s.io'
const devices = 'resource.k8s.io'

/** `system:controller:<name>` → its rules. */
const rulesByController: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': [
    rule('list watch', 'core', 'persistentvolumeclaims persistentvolumes pods'),
    rule(read, 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status'),
    events,
    rule('get create delete list watch', 'storage.k8s.io', 'volumeattachments'),
    rule(read, 'storage.k8s.io', 'csidrivers csinodes'),
  ],
  'certificate-controller': [
    rule('get list watch delete', certificates, 'certificatesigningrequests'),
    rule('update', certificates, 'certificatesigningrequests/approval certificatesigningrequests/status'),
    rule('approve', certificates, 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    rule('sign', certificates, 'signers', signerNames),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    events,
  ],
  'clusterrole-aggregation-controller': [rule('escalate get list watch update patch', rbacGroup, 'clusterroles')],
  'cronjob-controller': [
    rule('get list watch update', 'batch', 'cronjobs'),
    rule('get list watch create update delete patch', 'batch', 'jobs'),
    rule('update', 'batch', 'cronjobs/finalizers cronjobs/status'),
    rule('list watch delete', 'core', 'pods'),
    events,
  ],
  'daemon-set-controller': [
    rule(read, 'apps extensions', 'daemonsets'),
    rule('update', 'apps extensions', 'daemonsets/finalizers daemonsets/status'),
    rule('list watch', 'core', 'nodes'),
    rule('list watch create delete patch', 'core', 'pods'),
    rule('create', 'core', 'pods/binding'),
    rule('get list watch create delete update patch', 'apps', 'controllerrevisions'),
    events,
  ],
  'deployment-controller': [
    rule('get list watch update', 'apps extensions', 'deployments'),
    rule('update', 'apps extensions', 'deployments/finalizers deployments/status'),
    rule('get list watch create update patch delete', 'apps extensions', 'replicasets'),
    rule('get list watch update', 'core', 'pods'),
    events,
  ],
  'device-taint-eviction-controller': [
    rule('get list watch delete', 'core', 'pods'),
    rule('update patch', 'core', 'pods/status'),
    rule(read, devices, 'deviceclasses devicetaintrules resourceclaims resourceslices'),
    events,
  ],
  'disruption-controller': [
    rule(read, 'apps extensions', 'deployments replicasets'),
    rule(read, 'core', 'replicationcontrollers'),
    rule(read, 'policy', 'poddisruptionbudgets'),
    rule(read, 'apps', 'statefulsets'),
    rule('update', 'policy', 'poddisruptionbudgets/status'),
    rule('patch update', 'core', 'pods/status'),
    rule('get', '*', '*/scale'),
    events,
  ],
  'endpoint-controller': [
    rule(read, 'core', 'pods services'),
    rule('get list watch create update delete', 'core', 'endpoints'),
    rule('create', 'core', 'endpoints/restricted'),
    events,
  ],
  'endpointslice-controller': [
    rule(read, 'core', 'nodes pods services'),
    rule('update', 'core', 'services/finalizers'),
    rule('get list watch create update delete', 'discovery.k8s.io', 'endpointslices'),
    events,
  ],
  'endpointslicemirroring-controller': [
    rule(read, 'core', 'endpoints services'),
    rule('update', 'core', 'endpoints/finalizers services/finalizers'),
    rule('get list watch create update delete', 'discovery.k8s.io', 'endpointslices'),
    events,
  ],
  'ephemeral-volume-controller': [
    rule(read, 'core', 'pods'),
    rule('update', 'core', 'pods/finalizers'),
    rule('get list watch create', 'core', 'persistentvolumeclaims'),
    events,
  ],
  'expand-controller': [
    rule('get list watch update patch', 'core', 'persistentvolumes'),
    rule('update patch', 'core', 'persistentvolumeclaims/status'),
    rule(read, 'core', 'persistentvolumeclaims'),
    events,
    rule('get', 'core', 'services'),
  ],
  'generic-garbage-collector': [rule('get list watch patch update delete', '*', '*'), events],
  'horizontal-pod-autoscaler': [
    rule(read, 'autoscaling', 'horizontalpodautoscalers'),
    rule('update', 'autoscaling', 'horizontalpodautoscalers/status'),
    rule('get update', '*', '*/scale'),
    rule('list watch', 'core', 'pods'),
    rule('list watch', 'metrics.k8s.io', 'pods'),
    rule(read, 'custom.metrics.k8s.io external.metrics.k8s.io', '*'),
    events,
  ],
  'job-controller': [
    rule('get list watch update patch', 'batch', 'jobs'),
    rule('update', 'batch', 'jobs/finalizers jobs/status'),
    rule('list watch create delete patch', 'core', 'pods'),
    events,
  ],
  'kube-apiserver-serving-clustertrustbundle-publisher': [
    rule('attest', certificates, 'signers', 'kubernetes.io/kube-apiserver-serving'),
    rule('create update delete list watch', certificates, 'clustertrustbundles'),
    events,
  ],
  'legacy-service-account-token-cleaner': [
    rule('get', 'core', 'configmaps', 'kube-apiserver-legacy-service-account-token-tracking'),
    rule('patch delete', 'core', 'secrets'),
  ],
  'namespace-controller': [
    rule('get list watch delete', 'core', 'namespaces'),
    rule('update', 'core', 'namespaces/finalize namespaces/status'),
    rule('get list watch delete deletecollection', '*', '*'),
  ],
  'node-controller': [
    rule('get list watch update delete patch', 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status pods/status'),
    rule('list watch get delete', 'core', 'pods'),
    events,
  ],
  'persistent-volume-binder': [
    rule('get list watch update create delete', 'core', 'persistentvolumes'),
    rule('update', 'core', 'persistentvolumeclaims/status persistentvolumes/status'),
    rule('get list watch update', 'core', 'persistentvolumeclaims'),
    rule('list watch get create delete', 'core', 'pods'),
    rule(read, 'storage.k8s.io', 'storageclasses'),
    rule('list watch', 'core', 'nodes'),
    events,
    rule('watch', 'core', 'events'),
    rule('get', 'core', 'services'),
  ],
  'pod-garbage-collector': [
    rule('list watch delete', 'core', 'pods'),
    rule(read, 'core', 'nodes'),
    rule('patch', 'core', 'pods/status'),
  ],
  podcertificaterequestcleaner: [rule('get list watch delete', certificates, 'podcertificaterequests')],
  'pv-protection-controller': [rule('get list watch update', 'core', 'persistentvolumes'), events],
  'pvc-protection-controller': [
    rule('get list watch update', 'core', 'persistentvolumeclaims'),
    rule(read, 'core', 'pods'),
    events,
  ],
  'replicaset-controller': [
    rule('get list watch update', 'apps extensions', 'replicasets'),
    rule('update', 'apps extensions', 'replicasets/finalizers replicasets/status'),
    rule('list watch patch create delete', 'core', 'pods'),
    events,
  ],
  'replication-controller': [
    rule('get list watch update', 'core', 'replicationcontrollers'),
    rule('update', 'core', 'replicationcontrollers/finalizers replicationcontrollers/status'),
    rule('list watch patch create delete', 'core', 'pods'),
    events,
  ],
  'resource-claim-controller': [
    rule(read, 'core', 'pods'),
    rule('update', 'core', 'pods/finalizers'),
    rule('get list watch create delete', devices, 'resourceclaims'),
    rule('update patch', devices, 'resourceclaims resourceclaims/status'),
    rule('update patch', 'core', 'pods/status'),
    events,
  ],
  'resourcequota-controller': [rule('list watch', '*', '*'), rule('update', 'core', 'resourcequotas/status'), events],
  'root-ca-cert-publisher': [rule('create update', 'core', 'configmaps'), events],
  'route-controller': [rule('list watch', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), events],
  'selinux-warning-controller': [
    events,
    rule(read, 'core', 'persistentvolumeclaims persistentvolumes pods'),
    rule(read, 'storage.k8s.io', 'csidrivers'),
  ],
  'service-account-controller': [rule('create', 'core', 'serviceaccounts'), events],
  'service-cidrs-controller': [
    rule('get list watch patch update', 'networking.k8s.io', 'servicecidrs'),
    rule('patch update', 'networking.k8s.io', 'servicecidrs/finalizers servicecidrs/status'),
    rule(read, 'networking.k8s.io', 'ipaddresses'),
    events,
  ],
  'service-controller': [
    rule(read, 'core', 'services'),
    rule('patch update', 'core', 'services/status'),
    rule('list watch', 'core', 'nodes'),
    events,
  ],
  'statefulset-controller': [
    rule('list watch', 'core', 'pods'),
    rule(read, 'apps', 'statefulsets'),
    rule('update', 'apps', 'statefulsets/finalizers statefulsets/status'),
    rule('get create delete update patch', 'core', 'pods'),
    rule('get create delete update patch list watch', 'apps', 'controllerrevisions'),
    rule('get create list watch update delete', 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'pods/finalizers'),
    events,
  ],
  'storage-version-migrator-controller': [
    rule('list watch create patch', '*', '*'),
    rule('update', 'storagemigration.k8s.io', 'storageversionmigrations/status'),
  ],
  'ttl-after-finished-controller': [rule('get list watch delete', 'batch', 'jobs'), events],
  'ttl-controller': [rule('update patch list watch', 'core', 'nodes'), events],
  'validatingadmissionpolicy-status-controller': [
    rule(read, admission, 'validatingadmissionpolicies'),
    rule('get patch update', admission, 'validatingadmissionpolicies/status'),
    events,
  ],
  'volumeattributesclass-protection-controller': [
    rule(read, 'core', 'persistentvolumeclaims persistentvolumes'),
    rule('get list watch update', 'storage.k8s.io', 'volumeattributesclasses'),
    events,
  ],
}

const names = Object.keys(rulesByController)
const roleName = (name: string): string => `system:controller:${name}`

export const controllerRoles: readonly ClusterRole[] = names.map((name) =>
  clusterRole(roleName(name), rulesByController[name] ?? []),
)
export const controllerBindings: readonly ClusterRoleBinding[] = names.map((name) =>
  clusterBinding(roleName(name), account(name)),
)
