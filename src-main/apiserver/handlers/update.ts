import { badRequest, invalidObject, isReason, methodNotAllowed } from '../../api/errors.ts'
import { invalid } from '../../api/field-error.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { readObject } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { checkNamespace } from '../registry/namespace-check.ts'
import { copyPlain } from '../registry/plain.ts'
import { updateObject } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { createMissing, isMissing } from './create-missing.ts'
import { writeOptionsOf } from './write-options.ts'

export async function handleUpdate(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, target } = operation
  if (target.name === '') throw methodNotAllowed()
  const { dryRun, validation } = writeOptionsOf(operation)
  const body = await readObject(operation, kind, validation)
  checkPlace(operation, body)
  const creates = target.subresource === '' && kind.updatesCreate === true
  for (;;) {
    if (creates && isMissing(parts, operation)) {
      const object = copyPlain(body)
      // What it was, nobody remembers.
      delete object.metadata?.resourceVersion
      const created = await createMissing(parts, operation, object, { dryRun })
      if (created !== undefined) return created
    }
    try {
      // A copy for every try: the first one is taken over.
      const stored = await updateObject(parts, operation, {
        apply: () => versioned(operation, copyPlain(body)),
        dryRun,
      })
      return { type: 'object', code: 200, kind, stored }
    } catch (error) {
      // Deleted between the look and the write: then it is created.
      if (!creates || !isReason(error, 'NotFound') || !isMissing(parts, operation)) throw error
    }
  }
}

/** Throws `BadRequest` for an object that belongs to another URL. */
export function checkPlace(operation: Operation, { metadata }: Pick<DynamicObject, 'metadata'>): void {
  const { target } = operation
  const { name = '', namespace = '' } = metadata ?? {}
  checkNamespace(operation, namespace)
  if (name === '')
    throw badRequest(`the name of the object (${target.name} based on URL) was undeterminable: name must be provided`)
  if (name !== target.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`)
}

function versioned({ kind, target }: Operation, body: DynamicObject): DynamicObject {
  if (kind.updatesNeedVersion === true && (body.metadata?.resourceVersion ?? '') === '')
    throw invalidObject(kind, target.name, [invalid('metadata.resourceVersion', 0n, 'must be specified for an update')])
  return body
}
