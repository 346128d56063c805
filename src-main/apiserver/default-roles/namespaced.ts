/** Default roles that hold in one namespace only. */
import type { Role, RoleBinding } from '../../api/types/rbac-v1.ts'
import { account, events, read, role, roleBinding, rule, user } from './rule.ts'

const system = 'kube-system'
const publicNamespace = 'kube-public'
const signer = 'system:controller:bootstrap-signer'
const cleaner = 'system:controller:token-cleaner'
const cloudProvider = 'system:controller:cloud-provider'
const authenticationReader = 'extension-apiserver-authentication-reader'
const schedulerSettings = 'orrery:scheduler-settings'
const lock = (component: string): string => `system::leader-locking-${component}`

const leaderElection = [
  rule('get watch list create update', 'coordination.k8s.io', 'leases'),
  rule('get watch list create update', 'coordination.k8s.io', 'leasecandidates'),
]

export const namespacedRoles: readonly Role[] = [
  role(system, authenticationReader, [rule(read, 'core', 'configmaps', 'extension-apiserver-authentication')]),
  role(system, signer, [rule(read, 'core', 'secrets')]),
  role(system, cloudProvider, [rule('create get list watch', 'core', 'configmaps')]),
  role(system, cleaner, [rule('get list watch delete', 'core', 'secrets'), events]),
  role(system, lock('kube-controller-manager'), leaderElection),
  role(system, lock('kube-scheduler'), leaderElection),
  // Orrery's own: the scheduler's configuration and the user's plugins.
  role(system, schedulerSettings, [rule(read, 'core', 'configmaps')]),
  role(publicNamespace, signer, [
    rule(read, 'core', 'configmaps'),
    rule('update', 'core', 'configmaps', 'cluster-info'),
    events,
  ]),
]

const manager = user('system:kube-controller-manager')
const scheduler = user('system:kube-scheduler')

export const namespacedBindings: readonly RoleBinding[] = [
  roleBinding(
    system,
    lock('kube-controller-manager'),
    lock('kube-controller-manager'),
    manager,
    account('kube-controller-manager'),
  ),
  roleBinding(system, lock('kube-scheduler'), lock('kube-scheduler'), scheduler, account('kube-scheduler')),
  roleBinding(system, `system::${authenticationReader}`, authenticationReader, manager, scheduler),
  roleBinding(system, schedulerSettings, schedulerSettings, scheduler),
  roleBinding(system, signer, signer, account('bootstrap-signer')),
  roleBinding(system, cloudProvider, cloudProvider, account('cloud-provider')),
  roleBinding(system, cleaner, cleaner, account('token-cleaner')),
  roleBinding(publicNamespace, signer, signer, account('bootstrap-signer')),
]
