/** Who each component is to the API server; its rights stand in apiserver/default-roles. */
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
/** What makes the routes and rules of a node's network: it reads all nodes, which a kubelet may not. */
export const nodeNetworkIdentity = identity('orrery:node-network')
/** What writes the names of the cluster down for the nodes' name servers. */
export const dnsIdentity = identity('orrery:dns')
export const nodeIdentity = (node: string): UserInfo => identity(`system:node:${node}`, 'system:nodes')

/** Controllers that act under the account of another one, or under a shorter name. */
const accountNames: ReadonlyMap<string, string> = new Map([
  ['node-lifecycle-controller', 'node-controller'],
  ['node-ipam-controller', 'node-controller'],
  ['taint-eviction-controller', 'node-controller'],
  ['root-ca-certificate-publisher', 'root-ca-cert-publisher'],
  ['certificatesigningrequest-approving-controller', 'certificate-controller'],
  ['certificatesigningrequest-cleaner-controller', 'certificate-controller'],
  ['certificatesigningrequest-signing-controller', 'certificate-controller'],
])

/** The controller that makes tokens acts as the manager: it is what gives the others theirs. */
const managerNames = new Set(['kube-controller-manager', 'serviceaccount-token-controller'])

/** A controller, as its service account; the shared caches act as the controller manager. */
export function controllerIdentity(name: string): UserInfo {
  if (managerNames.has(name)) return identity('system:kube-controller-manager')
  const account = accountNames.get(name) ?? name
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system']
  return identity(`system:serviceaccount:kube-system:${account}`, ...groups)
}
