import { isReason } from '../../api/errors.ts'
import { readOptions } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { deleteObject, type Deletion, type DeletionResult } from '../registry/delete.ts'
import { resourceKey } from '../registry/keys.ts'
import type { CachedObject } from '../cache/cached-object.ts'
import type { Answer } from '../request.ts'
import { selectionOf } from './selection.ts'
import { deletionFrom } from './delete-options.ts'

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

/** All selected objects at once; the answer lists them. */
export async function handleDeleteCollection(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, request } = operation
  const deletion = deletionFrom(await readOptions(operation), request.query)
  const selected = parts.cache.resource(resourceKey(kind)).list(selectionOf(parts, operation))
  const results = await Promise.all(selected.map((stored) => deleteOne(parts, operation, stored, deletion)))
  const items = results.flatMap((result) => (result === undefined ? [] : [result.stored]))
  return { type: 'list', kind, items, resourceVersion: String(parts.cache.revision) }
}

/** Undefined: somebody else has deleted it in the meantime, which is just as well. */
async function deleteOne(
  parts: ServerParts,
  operation: Operation,
  stored: CachedObject,
  deletion: Deletion,
): Promise<DeletionResult | undefined> {
  const { namespace = '', name = '' } = stored.object.metadata ?? {}
  const one: Operation = { ...operation, target: { ...operation.target, namespace, name } }
  try {
    return await deleteObject(parts, one, deletion)
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
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
