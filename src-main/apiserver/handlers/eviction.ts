/** `pods/eviction`: a deletion that asks first whether the pod may go now. */
import type { DynamicObject } from '../../api/meta/object.ts'
import { asObject, readBody } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { deleteObject } from '../registry/delete.ts'
import type { Answer } from '../request.ts'
import { deletionFrom } from './delete-options.ts'

export async function handleEviction(parts: ServerParts, operation: Operation): Promise<Answer> {
  const eviction = asObject((await readBody(operation)).data) as DynamicObject & { deleteOptions?: unknown }
  await deleteObject(parts, operation, deletionFrom(eviction.deleteOptions, operation.request.query))
  const object = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
  return { type: 'plain', code: 201, object }
}
