import { badRequest, methodNotAllowed } from '../../api/errors.ts'
import { readObject } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { createObject } from '../registry/create.ts'
import type { Answer } from '../request.ts'
import { writeOptionsOf } from './write-options.ts'

export async function handleCreate(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, target } = operation
  if (target.name !== '') throw methodNotAllowed()
  if (kind.namespaced && target.namespace === '') throw badRequest('an empty namespace may not be set during creation')
  const { dryRun, validation } = writeOptionsOf(operation)
  const body = await readObject(operation, kind, validation)
  return { type: 'object', code: 201, kind, stored: await createObject(parts, operation, body, { dryRun }) }
}
