import { isReason } from '../../api/errors.ts'
import { readOptions } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { deleteObject, type Deletion, type DeletionResult } from '../registry/delete.ts'
import { resourceKey } from '../registry/keys.ts'
import type { Answer, StoredObject } from '../request.ts'
import { deletionFrom } from './delete-options.ts'
import { findPage } from './list.ts'

/** These answer a deletion with the object itself; all others with a Status once it is gone. */
const answersWithObject = new Set([
  'core/pods',
  'core/services',
  'core/serviceaccounts',
  'core/persistentvolumes',
  'core/persistentvolumeclaims',
  'core/podtemplates',
  'core/replicationcontrollers',
  'core/resourcequotas',
  'core/limitranges',
])

export async function handleDelete(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, request } = operation
  const deletion = deletionFrom(await readOptions(operation), request.query)
  const result = await deleteObject(parts, operation, deletion)
  if (!result.gone || answersWithObject.has(resourceKey(kind)))
    return { type: 'object', code: answerCode(result, deletion), kind, stored: result.stored }
  return { type: 'plain', code: 200, object: successStatus(operation, result) }
}

/** All selected objects at once, or those of a page; the answer lists them as they were. */
export async function handleDeleteCollection(parts: ServerParts, operation: Operation): Promise<Answer> {
  const deletion = deletionFrom(await readOptions(operation), operation.request.query)
  const { items, answer } = await findPage(parts, operation)
  await Promise.all(items.map((stored) => deleteOne(parts, operation, stored, deletion)))
  return answer
}

async function deleteOne(
  parts: ServerParts,
  operation: Operation,
  stored: StoredObject,
  deletion: Deletion,
): Promise<void> {
  const { namespace = '', name = '' } = stored.object.metadata ?? {}
  const one: Operation = { ...operation, target: { ...operation.target, namespace, name } }
  try {
    await deleteObject(parts, one, deletion)
  } catch (error) {
    // Somebody else has deleted it in the meantime, which is just as well.
    if (!isReason(error, 'NotFound')) throw error
  }
}

function answerCode({ gone }: DeletionResult, { propagation }: Deletion): number {
  return !gone && (propagation === 'Foreground' || propagation === 'Orphan') ? 202 : 200
}

function successStatus({ kind, target }: Operation, { stored }: DeletionResult): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: target.name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.plural,
      uid: stored.object.metadata?.uid,
    },
  }
}
