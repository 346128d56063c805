import { notFound } from '../../api/errors.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { placeOf } from '../registry/commit.ts'
import { inVersion } from '../registry/versions.ts'
import type { CachedObject } from '../cache/cached-object.ts'
import type { Answer } from '../request.ts'

export async function handleGet(parts: ServerParts, operation: Operation): Promise<Answer> {
  return { type: 'object', code: 200, kind: operation.kind, stored: await preparedObject(parts, operation) }
}

/** As `storedObject`, after any webhook that has to convert it. */
export async function preparedObject(parts: ServerParts, operation: Operation): Promise<CachedObject> {
  const { resource, key } = placeOf(operation)
  const stored = parts.cache.resource(resource).get(key)
  const pending = stored && parts.conversion.prepare(operation.kind, [stored], operation.request.signal)
  if (pending !== undefined) await pending
  return storedObject(parts, operation)
}

/** The object that the path names, in the version of the path. Throws `NotFound`. */
export function storedObject(parts: ServerParts, operation: Operation): CachedObject {
  const { kind, target } = operation
  const { resource, key } = placeOf(operation)
  const stored = parts.cache.resource(resource).get(key)
  if (stored === undefined) throw notFound(kind, target.name)
  return inVersion(kind, stored)
}
