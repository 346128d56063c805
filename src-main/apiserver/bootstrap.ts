/** What every cluster has from its first second: namespaces, roles and priorities, and the service of the API itself. */
import { extensionConfig, type ExtensionAuthentication } from './aggregation/extension-config.ts'
import { builtInServices } from './aggregation/local-services.ts'
import type { Kind } from '../api/define-kind.ts'
import { isReason } from '../api/errors.ts'
import { aggregatedRules } from '../api/kinds/rbac/aggregation.ts'
import type { DynamicObject, KubernetesObject } from '../api/meta/object.ts'
import type { Endpoints, Namespace, Service } from '../api/types/core-v1.ts'
import type { EndpointSlice } from '../api/types/discovery-v1.ts'
import type { ClusterRole } from '../api/types/rbac-v1.ts'
import type { PriorityClass } from '../api/types/scheduling-v1.ts'
import { createMissing, kindOf, storedDefault } from './default-objects.ts'
import { defaultBindings, defaultRoles } from './default-roles/all.ts'
import {
  reconcileBinding,
  reconcileRole,
  type DefaultBinding,
  type DefaultRole,
  type Reconciliation,
} from './default-roles/reconcile.ts'
import type { ServerParts } from './operation.ts'
import { ownOperation } from './own-operation.ts'
import { withFoundLevel } from './flowcontrol/dangling.ts'
import { defaultFlowSchemas, defaultPriorityLevels } from './flowcontrol/default-objects.ts'
import { createObject } from './registry/create.ts'
import { deleteObject } from './registry/delete.ts'
import { copyPlain, samePlain } from './registry/plain.ts'
import { updateObject } from './registry/update.ts'

const servicePort = 443
const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
/** For pods without which a cluster, or one of its nodes, is none. */
const priorityClasses: readonly PriorityClass[] = [
  { metadata: { name: 'system-cluster-critical' }, value: 2_000_000_000 },
  { metadata: { name: 'system-node-critical' }, value: 2_000_001_000 },
]

/** `builtIn` are the kinds that are served whatever is stored. */
export async function bootstrap(
  parts: ServerParts,
  builtIn: readonly Kind[],
  extension: ExtensionAuthentication | undefined,
): Promise<void> {
  await createMissing(parts, [
    ...namespaces.map(namespaceNamed),
    ...completeRoles(),
    ...defaultBindings,
    ...defaultPriorityLevels,
    ...defaultFlowSchemas.map((schema) => withFoundLevel(schema, parts.clock.now())),
    ...builtInServices(builtIn),
  ])
  if (extension !== undefined) await keepExtensionConfig(parts, extension)
  const { firstIp, cidr } = parts.serviceNetwork
  await Promise.all([
    ensure(parts, 'v1', 'Service', apiService(firstIp)),
    ensure(parts, 'v1', 'Endpoints', apiEndpoints(firstIp)),
    ensure(parts, 'discovery.k8s.io/v1', 'EndpointSlice', apiEndpointSlice(firstIp)),
    ensure(parts, 'networking.k8s.io/v1', 'ServiceCIDR', { metadata: { name: 'kubernetes' }, spec: { cidrs: [cidr] } }),
    ...priorityClasses.map((object) => ensure(parts, 'scheduling.k8s.io/v1', 'PriorityClass', object)),
    ...defaultRoles.map((wanted) =>
      reconcile(parts, wanted, reconcileRole(storedDefault(parts, wanted) as DefaultRole | undefined, wanted)),
    ),
    ...defaultBindings.map((wanted) =>
      reconcile(parts, wanted, reconcileBinding(storedDefault(parts, wanted) as DefaultBinding | undefined, wanted)),
    ),
  ])
}

const namespaceNamed = (name: string): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
})

/** Roles that aggregate others have their rules at once; later on it is their controller that keeps them. */
function completeRoles(): KubernetesObject[] {
  const clusterRoles = defaultRoles.filter((one): one is ClusterRole => one.kind === 'ClusterRole')
  let complete = clusterRoles
  // As often as roles that aggregate are stacked: view, edit, admin.
  for (let level = 0; level < 3; level++)
    complete = complete.map((one) => ({ ...one, rules: aggregatedRules(one, complete) ?? one.rules ?? [] }))
  return [...complete, ...defaultRoles.filter(({ kind }) => kind !== 'ClusterRole')]
}

async function reconcile(
  parts: ServerParts,
  wanted: KubernetesObject,
  plan: Reconciliation<KubernetesObject>,
): Promise<void> {
  const kind = kindOf(parts, wanted)
  if (kind === undefined || plan.type === 'keep' || plan.type === 'create') return
  const { name = '', namespace = '' } = wanted.metadata ?? {}
  if (plan.type === 'update') {
    const body = plan.object as DynamicObject
    await updateObject(parts, ownOperation(kind, 'update', { namespace, name }), {
      apply: () => copyPlain(body),
      dryRun: false,
    })
    return
  }
  const deletion = { graceSeconds: 0, propagation: undefined, preconditions: {}, dryRun: false }
  await deleteObject(parts, ownOperation(kind, 'delete', { namespace, name }), deletion)
  await createMissing(parts, [wanted])
}

/** After the certificates were renewed, aggregated servers must learn of the new ones. */
async function keepExtensionConfig(parts: ServerParts, extension: ExtensionAuthentication): Promise<void> {
  const wanted = extensionConfig(extension)
  const stored = storedDefault(parts, wanted)
  if (stored === undefined) return createMissing(parts, [wanted])
  if (samePlain(stored.data, wanted.data)) return
  await reconcile(parts, wanted, { type: 'update', object: { ...stored, ...wanted, metadata: stored.metadata ?? {} } })
}

function apiService(clusterIP: string): Service {
  return {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: 'https', port: servicePort, protocol: 'TCP', targetPort: servicePort }],
    },
  }
}

/**
 * Pods have one way to the API server: its service address, which every node leads to the app. So that address is
 * also what the service's endpoints say.
 */
function apiEndpoints(ip: string): Endpoints {
  const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
  const ports = [{ name: 'https', port: servicePort, protocol: 'TCP' }]
  return { metadata: { name: 'kubernetes', namespace: 'default', labels }, subsets: [{ addresses: [{ ip }], ports }] }
}

function apiEndpointSlice(ip: string): EndpointSlice {
  return {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
    ports: [{ name: 'https', port: servicePort, protocol: 'TCP' }],
  }
}

async function ensure(parts: ServerParts, apiVersion: string, kindName: string, object: object): Promise<void> {
  const body = { ...object, apiVersion, kind: kindName } as DynamicObject
  const kind = kindOf(parts, body)
  const { namespace = '' } = body.metadata ?? {}
  if (kind === undefined || storedDefault(parts, body) !== undefined) return
  try {
    await createObject(parts, ownOperation(kind, 'create', { namespace }), copyPlain(body), { dryRun: false })
  } catch (error) {
    // Another server on the same store was quicker.
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}
