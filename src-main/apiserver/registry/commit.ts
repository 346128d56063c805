/** The last step of every write: into the store, with its cause, or a failure that a client understands. */
import { internalError, serviceUnavailable, tooLarge } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Facts } from '../../glass/probe.ts'
import { StoreError, type Cause, type Operation as StoreOperation } from '../../store/store.ts'
import { CachedObject, encodeForStore } from '../cache/cached-object.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { inVersion, storageForm } from './versions.ts'
import { objectKey, resourceKey, storeKey } from './keys.ts'

/** What an object may weigh, as etcd has it. */
const objectLimitBytes = 1536 * 1024

export interface Place {
  /** `group/plural`. */
  readonly resource: string
  /** `namespace/name`, or the name alone. */
  readonly key: string
}

export function placeOf(operation: Operation, name = operation.target.name): Place {
  const { kind, target } = operation
  return { resource: resourceKey(kind), key: objectKey(kind, target.namespace, name) }
}

export function factsOf({ kind, target, verb, user }: Operation, name = target.name): Facts {
  return {
    'k8s.object.kind': kind.kind,
    'k8s.namespace.name': target.namespace,
    'k8s.object.name': name,
    verb,
    subresource: target.subresource === '' ? undefined : target.subresource,
    user: user.name,
  }
}

/** Rejects with the store's `Conflict` when the expectation does not hold; with a StatusError for all else. */
export async function commitPut(
  parts: ServerParts,
  operation: Operation,
  { resource, key }: Place,
  draft: DynamicObject,
  expected: number,
  more: readonly StoreOperation[],
): Promise<CachedObject> {
  const inStorage = parts.conversion.toStored(operation.kind, draft, operation.request.signal)
  const stored = storageForm(inStorage instanceof Promise ? await inStorage : inStorage)
  const value = encodeForStore(stored)
  if (value.byteLength > objectLimitBytes)
    throw tooLarge(`the object has ${value.byteLength} bytes, which is more than the limit of ${objectLimitBytes}`)
  parts.cache.expect(value, stored)
  const put: StoreOperation = { type: 'put', key: storeKey(resource, key), value, expected }
  const revision = await commit(parts, operation, [put, ...more], draft.metadata?.name)
  const cached = parts.cache.resource(resource).get(key)
  const result = cached?.revision === revision ? cached : CachedObject.fromStore(key, revision, value, stored)
  const pending = parts.conversion.prepare(operation.kind, [result], operation.request.signal)
  if (pending !== undefined) await pending
  return inVersion(operation.kind, result)
}

/** The revision of the deletion. Rejects as `commitPut` does. */
export async function commitDelete(
  parts: ServerParts,
  operation: Operation,
  { resource, key }: Place,
  expected: number,
  more: readonly StoreOperation[],
): Promise<number> {
  const remove: StoreOperation = { type: 'delete', key: storeKey(resource, key), expected }
  return commit(parts, operation, [remove, ...more], undefined)
}

async function commit(
  parts: ServerParts,
  operation: Operation,
  operations: readonly StoreOperation[],
  name: string | undefined,
): Promise<number> {
  const facts = factsOf(operation, name)
  await parts.probe.gate('apiserver.commit', facts)
  return parts.probe.span('apiserver.commit', facts, async (addFacts) => {
    try {
      const { revision } = await parts.store.commit(operations, causeOf(operation))
      parts.writeHealth.taken()
      addFacts({ revision })
      return revision
    } catch (error) {
      if (error instanceof StoreError && error.code === 'Unavailable') parts.writeHealth.refused(error.message)
      throw clientError(error)
    }
  })
}

function causeOf({ user, request }: Operation): Cause {
  return { actor: user.name, ...request.cause }
}

/** A conflict stays one: what it means depends on the write. */
function clientError(error: unknown): unknown {
  if (!(error instanceof StoreError) || error.code === 'Conflict') return error
  const failure =
    error.code === 'Unavailable' || error.code === 'Closed'
      ? serviceUnavailable(`the store cannot take the write: ${error.message}`)
      : internalError(error.message)
  return Object.assign(failure, { cause: error })
}

export function isConflict(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code === 'Conflict'
}
