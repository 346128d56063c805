/** What every cluster has from its first second: namespaces, roles and priorities, and the service of the API itself. */
import type { Kind } from '../api/define-kind.ts'
import { isReason } from '../api/errors.ts'
import type { DynamicObject } from '../api/meta/object.ts'
import type { Namespace, Service } from '../api/types/core-v1.ts'
import type { PriorityClass } from '../api/types/scheduling-v1.ts'
import { bootstrapBindings, bootstrapRoles } from './bootstrap-roles.ts'
import type { Operation, ServerParts } from './operation.ts'
import { createObject } from './registry/create.ts'
import { objectKey, resourceKey } from './registry/keys.ts'
import { copyPlain } from './registry/plain.ts'
import type { UserInfo } from './request.ts'

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
/** For pods without which a cluster, or one of its nodes, is none. */
const priorityClasses: readonly PriorityClass[] = [
  { metadata: { name: 'system-cluster-critical' }, value: 2_000_000_000 },
  { metadata: { name: 'system-node-critical' }, value: 2_000_001_000 },
]
const self: UserInfo = { name: 'system:apiserver', groups: ['system:masters'] }

export async function bootstrap(parts: ServerParts): Promise<void> {
  await Promise.all(
    namespaces.map((name) => ensure(parts, 'v1', 'Namespace', { metadata: { name } } satisfies Namespace)),
  )
  await Promise.all([
    ensure(parts, 'v1', 'Service', apiService(parts.serviceNetwork.firstIp)),
    ...[...bootstrapRoles, ...bootstrapBindings].map((object) =>
      ensure(parts, 'rbac.authorization.k8s.io/v1', object.kind ?? '', object),
    ),
    ...priorityClasses.map((object) => ensure(parts, 'scheduling.k8s.io/v1', 'PriorityClass', object)),
  ])
}

function apiService(clusterIP: string): Service {
  return {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
    },
  }
}

async function ensure(parts: ServerParts, apiVersion: string, kindName: string, object: object): Promise<void> {
  const kind = parts.kinds.findByName(apiVersion, kindName)
  const body = object as DynamicObject
  const { name = '', namespace = '' } = body.metadata ?? {}
  if (kind === undefined) return
  if (parts.cache.resource(resourceKey(kind)).get(objectKey(kind, namespace, name)) !== undefined) return
  try {
    await createObject(
      parts,
      creation(kind, namespace),
      { ...copyPlain(body), kind: kind.kind, apiVersion: kind.apiVersion },
      { dryRun: false },
    )
  } catch (error) {
    // Another server on the same store was quicker.
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}

function creation(kind: Kind, namespace: string): Operation {
  return {
    kind,
    user: self,
    verb: 'create',
    target: {
      group: kind.group,
      version: kind.version,
      plural: kind.plural,
      namespace,
      name: '',
      subresource: '',
      rest: [],
    },
    request: {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: {},
      body: { type: 'none' },
      peer: self,
      signal: new AbortController().signal,
    },
    warn: () => undefined,
  }
}
