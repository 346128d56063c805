import { notFound } from '../../api/errors.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { placeOf } from '../registry/commit.ts'
import { inVersion } from '../registry/versions.ts'
import type { CachedObject } from '../cache/cached-object.ts'
import type { Answer } from '../request.ts'

export function handleGet(parts: ServerParts, operation: Operation): Answer {
  return { type: 'object', code: 200, kind: operation.kind, stored: storedObject(parts, operation) }
}

/** The object that the path names, in the version of the path. Throws `NotFound`. */
export function storedObject(parts: ServerParts, operation: Operation): CachedObject {
  const { kind, target } = operation
  const { resource, key } = placeOf(operation)
  const stored = parts.cache.resource(resource).get(key)
  if (stored === undefined) throw notFound(kind, target.name)
  return inVersion(kind, stored)
}
