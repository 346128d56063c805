import { invalidObject, methodNotAllowed } from '../../api/errors.ts'
import { invalid } from '../../api/field-error.ts'
import { readObject } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { copyPlain } from '../registry/plain.ts'
import { updateObject } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { writeOptionsOf } from './write-options.ts'

export async function handleUpdate(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, target } = operation
  if (target.name === '') throw methodNotAllowed()
  const { dryRun, validation } = writeOptionsOf(operation)
  const body = await readObject(operation, kind, validation)
  if (kind.updatesNeedVersion === true && (body.metadata?.resourceVersion ?? '') === '')
    throw invalidObject(kind, target.name, [invalid('metadata.resourceVersion', 0n, 'must be specified for an update')])
  // A copy for every try: the first one is taken over.
  const stored = await updateObject(parts, operation, { apply: () => copyPlain(body), dryRun })
  return { type: 'object', code: 200, kind, stored }
}
