/** Resources that are computed on every read: they can be got and listed, and nothing else. */
import { methodNotAllowed, notFound } from '../../api/errors.ts'
import { keyOf, type DynamicObject } from '../../api/meta/object.ts'
import { CachedObject } from '../cache/cached-object.ts'
import type { Operation, ServerParts, VirtualResource } from '../operation.ts'
import type { Answer } from '../request.ts'
import { selectionOf } from './selection.ts'

export async function handleVirtual(
  parts: ServerParts,
  operation: Operation,
  virtual: VirtualResource,
): Promise<Answer> {
  const { kind, target, verb } = operation
  if (target.subresource !== '') throw methodNotAllowed()
  const stored = (object: DynamicObject): CachedObject =>
    CachedObject.fromObject(keyOf(object), parts.cache.revision, {
      ...object,
      kind: kind.kind,
      apiVersion: kind.apiVersion,
    })
  if (verb === 'get') {
    const object = await virtual.get(target.namespace, target.name)
    if (object === undefined) throw notFound(kind, target.name)
    return { type: 'object', code: 200, kind, stored: stored(object) }
  }
  if (verb !== 'list') throw methodNotAllowed()
  const { namespace, name, matches } = selectionOf(parts, operation)
  const objects = await virtual.list(namespace === '' ? undefined : namespace)
  const items = objects
    .filter((object) => (name === undefined || object.metadata?.name === name) && (matches?.(object) ?? true))
    .map(stored)
  return { type: 'list', kind, items, resourceVersion: String(parts.cache.revision) }
}
