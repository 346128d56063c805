/** From a request for a resource to the handler of its verb or subresource. */
import { methodNotAllowed, pathNotFound } from '../../api/errors.ts'
import { resourceFact } from '../../api/kinds/resource-facts.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { checkAcceptable } from '../encode.ts'
import { admitConnect } from '../registry/admit.ts'
import { resourceKey } from '../registry/keys.ts'
import type { Answer } from '../request.ts'
import { handleBinding, handleOldBinding } from './binding.ts'
import { handleConnect, type ConnectSubresource } from './connect.ts'
import { connectOptions, connectQuery } from './connect-options.ts'
import { handleCreate } from './create.ts'
import { handleDelete, handleDeleteCollection } from './delete.ts'
import { handleEviction } from './eviction.ts'
import { handleGet, storedObject } from './get.ts'
import { handleList } from './list.ts'
import { handleLog } from './log.ts'
import { handlePatch } from './patch.ts'
import { handleProxy } from './proxy.ts'
import { handleReview, isReview } from './reviews.ts'
import { handleScale } from './scale.ts'
import { handleTokenRequest } from './token-request.ts'
import { handleUpdate } from './update.ts'
import { handleVirtual } from './virtual.ts'
import { handleWatch } from './watch.ts'

export async function handleResource(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, target } = operation
  if (isInWrongScope(operation)) throw pathNotFound()
  // Only a program behind this server may have answers without their bodies.
  if (operation.request.method === 'HEAD' && target.subresource !== 'proxy') throw methodNotAllowed()
  if (isReview(operation)) return handleReview(parts, operation)
  if (resourceKey(kind) === 'core/bindings') return handleOldBinding(parts, operation)
  const virtual = parts.virtualResources.get(resourceKey(kind))
  if (virtual !== undefined) return handleVirtual(parts, operation, virtual)
  return target.subresource === '' ? handleVerb(parts, operation) : handleSubresource(parts, operation)
}

/** `/api/v1/pods/web` or `/api/v1/namespaces/default/nodes`: there is nothing at such a path. */
function isInWrongScope({ kind, target, verb }: Operation): boolean {
  if (!kind.namespaced && target.namespace !== '') return kind.group !== '' || kind.plural !== 'namespaces'
  const ofObject = verb === 'get' || verb === 'update' || verb === 'patch' || verb === 'delete'
  return kind.namespaced && target.namespace === '' && (ofObject || target.subresource !== '')
}

/** What the release serves of this resource; custom resources have every verb. */
function checkVerb({ kind, verb }: Operation): void {
  const offered = resourceFact(kind.group, kind.version, kind.plural)?.verbs
  const method = verb === 'create' ? 'post' : verb === 'update' ? 'put' : verb === 'watch' ? 'list' : verb
  if (offered !== undefined && !offered.includes(method)) throw methodNotAllowed()
}

async function handleVerb(parts: ServerParts, operation: Operation): Promise<Answer> {
  checkVerb(operation)
  const { verb } = operation
  // Before anything is written whose answer nobody would take.
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') checkAcceptable(operation.request, operation.kind)
  switch (operation.verb) {
    case 'get':
      return handleGet(parts, operation)
    case 'list':
      return handleList(parts, operation)
    case 'watch':
      return handleWatch(parts, operation)
    case 'create':
      return handleCreate(parts, operation)
    case 'update':
      return handleUpdate(parts, operation)
    case 'patch':
      return handlePatch(parts, operation)
    case 'delete':
      return handleDelete(parts, operation)
    case 'deletecollection':
      return handleDeleteCollection(parts, operation)
  }
}

async function handleSubresource(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, target, verb } = operation
  if (target.subresource === 'scale') return handleScale(parts, operation)
  if (target.subresource === 'token' && resourceKey(kind) === 'core/serviceaccounts')
    return handleTokenRequest(parts, operation)
  if (!partsOfObject(kind.plural, kind.group, kind.subresources.status === true).has(target.subresource)) {
    if (kind.group === '' && target.subresource === 'proxy') return handleProxy(parts, operation)
    if (kind.group === '' && kind.plural === 'pods') return handlePodSubresource(parts, operation)
    throw pathNotFound()
  }
  if (verb === 'get') return handleGet(parts, operation)
  if (verb === 'update') return handleUpdate(parts, operation)
  if (verb === 'patch') return handlePatch(parts, operation)
  throw methodNotAllowed()
}

/** Subresources that are a part of the object itself: they are read and written as the object is. */
function partsOfObject(plural: string, group: string, status: boolean): ReadonlySet<string> {
  const own = group === '' ? ownParts.get(plural) : group === 'certificates.k8s.io' ? ['approval'] : undefined
  return new Set([...(status ? ['status'] : []), ...(own ?? [])])
}

const ownParts: ReadonlyMap<string, readonly string[]> = new Map([
  ['namespaces', ['finalize']],
  ['pods', ['resize', 'ephemeralcontainers']],
])

async function handlePodSubresource(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { request, target, verb } = operation
  const pod = (): Live<Pod> => storedObject(parts, operation).object as unknown as Live<Pod>
  switch (target.subresource) {
    case 'binding':
      if (verb !== 'create') throw methodNotAllowed()
      return handleBinding(parts, operation)
    case 'eviction':
      if (verb !== 'create') throw methodNotAllowed()
      return handleEviction(parts, operation)
    case 'log':
      if (verb !== 'get') throw methodNotAllowed()
      return handleLog(pod(), request, parts.nodeAgents)
    case 'exec':
    case 'attach':
    case 'portforward': {
      const connected = pod()
      const options = connectOptions(target.subresource, request.query)
      await admitConnect(parts, operation, options)
      const admitted = { ...request, query: connectQuery(options) }
      return handleConnect(target.subresource satisfies ConnectSubresource, connected, admitted, parts.nodeAgents)
    }
    default:
      throw pathNotFound()
  }
}
