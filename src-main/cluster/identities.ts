/** Who each component is to the API server; its rights stand in apiserver/filters/rules.ts. */
import type { UserInfo } from '../apiserver/request.ts'

const identity = (name: string, ...groups: string[]): UserInfo => ({
  name,
  groups: [...groups, 'system:authenticated'],
})

/** The user of this computer. */
export const admin = identity('kubernetes-admin', 'system:masters')
export const schedulerIdentity = identity('system:kube-scheduler')
export const proxyIdentity = identity('system:kube-proxy')
/** The part that makes workers. */
export const labIdentity = identity('orrery:lab')
export const nodeIdentity = (node: string): UserInfo => identity(`system:node:${node}`, 'system:nodes')

/** A controller; the shared caches act as the controller manager. */
export function controllerIdentity(name: string): UserInfo {
  return name === 'kube-controller-manager'
    ? identity('system:kube-controller-manager')
    : identity(`system:serviceaccount:kube-system:${name}`, 'system:controllers')
}
