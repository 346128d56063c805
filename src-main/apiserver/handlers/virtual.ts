/** Resources that are computed on every read: they can be got and listed, and some can be changed. */
import { invalidObject, methodNotAllowed, notFound } from '../../api/errors.ts'
import { keyOf, type DynamicObject } from '../../api/meta/object.ts'
import { CachedObject } from '../cache/cached-object.ts'
import type { Operation, ServerParts, VirtualResource } from '../operation.ts'
import type { Answer } from '../request.ts'
import { readObject } from '../filters/decode.ts'
import { readPatch } from '../patch/read-patch.ts'
import { applyDefaults, checkPatched } from '../registry/schema-steps.ts'
import { selectionOf } from './selection.ts'
import { writeOptionsOf } from './write-options.ts'

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
  if (verb === 'update' || verb === 'patch') {
    const current = await virtual.get(target.namespace, target.name)
    if (virtual.replace === undefined) throw methodNotAllowed()
    if (current === undefined) throw notFound(kind, target.name)
    const changed = await replaceVirtual(operation, virtual.replace.bind(virtual), stored(current).object)
    const now = await virtual.get(target.namespace, target.name)
    return { type: 'object', code: 200, kind, stored: stored(now ?? changed) }
  }
  if (verb !== 'list') throw methodNotAllowed()
  const { namespace, name, matches } = selectionOf(parts, operation)
  const objects = await virtual.list(namespace === '' ? undefined : namespace)
  const items = objects
    .filter((object) => (name === undefined || object.metadata?.name === name) && (matches?.(object) ?? true))
    .map(stored)
  return { type: 'list', kind, items, resourceVersion: String(parts.cache.revision) }
}

async function replaceVirtual(
  operation: Operation,
  replace: NonNullable<VirtualResource['replace']>,
  current: DynamicObject,
): Promise<DynamicObject> {
  const { kind, verb, target } = operation
  const { dryRun, validation } = writeOptionsOf(operation)
  const warn = (text: string): void => operation.warn(text)
  const patch = verb === 'update' ? undefined : await readPatch(operation, kind)
  const wanted =
    patch === undefined
      ? await readObject(operation, kind, validation)
      : checkPatched(kind, patch.apply(current), validation, warn, patch.words)
  applyDefaults(kind, wanted)
  const errors = kind.validate?.(wanted) ?? []
  const refused = errors.length > 0 || dryRun ? errors : replace(wanted)
  if (refused.length > 0) throw invalidObject(kind, target.name, refused)
  return wanted
}
