/**
 * Objects that a cluster has from its first second. What is missing is made in one commit: it is the server's own
 * data, which a test has validated, and a new cluster is not to wait for hundreds of writes.
 */
import type { Kind } from '../api/define-kind.ts'
import { keyOf, type DynamicObject, type KubernetesObject } from '../api/meta/object.ts'
import { timestamp } from '../lib/clock.ts'
import { StoreError, type Operation as StoreOperation } from '../store/store.ts'
import { encodeForStore } from './cache/cached-object.ts'
import type { ServerParts } from './operation.ts'
import { resourceKey, storeKey } from './registry/keys.ts'
import { copyPlain } from './registry/plain.ts'
import { applyDefaults } from './registry/schema-steps.ts'
import { storageForm } from './registry/versions.ts'

const conflictTries = 5
/** Stores limit how much one transaction does. */
const batchSize = 100

/** Makes those of the objects that are not there, and leaves the others alone. */
export async function createMissing(parts: ServerParts, objects: readonly KubernetesObject[]): Promise<void> {
  for (let first = 0; first < objects.length; first += batchSize)
    await createBatch(parts, objects.slice(first, first + batchSize))
}

async function createBatch(parts: ServerParts, objects: readonly KubernetesObject[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    const puts = objects.flatMap((object) => putOf(parts, object))
    if (puts.length === 0) return
    try {
      await parts.store.commit(puts, { actor: 'system:apiserver' })
      return
    } catch (error) {
      // Another server on the same store was quicker with one of them.
      if (!(error instanceof StoreError) || error.code !== 'Conflict' || tries === conflictTries) throw error
      // What it wrote is known before the next try: else that would meet it again.
      await parts.store.fresh?.()
    }
  }
}

export function storedDefault(parts: ServerParts, object: KubernetesObject): DynamicObject | undefined {
  const kind = kindOf(parts, object)
  return kind === undefined ? undefined : parts.cache.resource(resourceKey(kind)).get(keyOf(object))?.object
}

/** A server may serve fewer kinds than there are defaults for. */
export const kindOf = (parts: ServerParts, { apiVersion = '', kind = '' }: KubernetesObject): Kind | undefined =>
  parts.kinds.findByName(apiVersion, kind)

function putOf(parts: ServerParts, object: KubernetesObject): StoreOperation[] {
  const kind = kindOf(parts, object)
  if (kind === undefined || storedDefault(parts, object) !== undefined) return []
  const draft = copyPlain(object) as DynamicObject
  draft.metadata = {
    ...draft.metadata,
    uid: parts.random.uuid(),
    creationTimestamp: timestamp(parts.clock.now()),
  }
  applyDefaults(kind, draft)
  const { status } = draft
  kind.prepareCreate?.(draft)
  if (status !== undefined) draft.status = status
  const stored = storageForm(draft)
  const value = encodeForStore(stored)
  parts.cache.expect(value, stored)
  return [{ type: 'put', key: storeKey(resourceKey(kind), keyOf(object)), value, expected: 0 }]
}
