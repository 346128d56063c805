import { isReason } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { authorize } from '../filters/authorization.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { placeOf } from '../registry/commit.ts'
import { createObject, type CreateOptions } from '../registry/create.ts'
import type { Answer } from '../request.ts'

export function isMissing(parts: ServerParts, operation: Operation): boolean {
  const { resource, key } = placeOf(operation)
  return parts.cache.resource(resource).get(key) === undefined
}

/**
 * Makes the object that an update or an apply did not find: whoever may only change objects makes none. Undefined when
 * somebody else was quicker.
 */
export async function createMissing(
  parts: ServerParts,
  operation: Operation,
  object: DynamicObject,
  options: CreateOptions,
): Promise<Answer | undefined> {
  const { kind, target } = operation
  authorize(operation.user, { type: 'resource', verb: 'create', target }, parts.authorizer)
  try {
    const stored = await createObject(parts, { ...operation, verb: 'create' }, object, options)
    return { type: 'object', code: 201, kind, stored }
  } catch (error) {
    if (isReason(error, 'AlreadyExists') && !isMissing(parts, operation)) return undefined
    throw error
  }
}
