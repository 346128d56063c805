/** The commit of a new or changed object together with what it takes of quotas. */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Operation as StoreOperation } from '../../store/store.ts'
import type { Charge } from '../admission/admission.ts'
import { CachedObject } from '../cache/cached-object.ts'
import type { Operation, ServerParts } from '../operation.ts'
import type { StoredObject } from '../request.ts'
import type { Admission } from './admit.ts'
import { commitPut, isConflict, type Place } from './commit.ts'

/** Somebody else may write a quota at the same moment; then the write is charged again, so often. */
const chargeTries = 64

export interface ChargedPut {
  readonly place: Place
  readonly draft: DynamicObject
  readonly expected: number
  readonly more: readonly StoreOperation[]
  readonly dryRun: boolean
}

/** Rejects as `commitPut` does, and with the refusal of a quota. */
export async function commitCharged(
  parts: ServerParts,
  operation: Operation,
  admission: Admission,
  put: ChargedPut,
): Promise<StoredObject> {
  for (let tries = 1; ; tries++) {
    const pending = admission.charge(put.draft)
    const charges = pending === undefined ? [] : await pending
    try {
      return await commitOnce(parts, operation, put, charges)
    } catch (error) {
      if (tries === chargeTries || !isChargeLost(error, charges)) throw error
    } finally {
      for (const charge of charges) charge.settle()
    }
  }
}

async function commitOnce(
  parts: ServerParts,
  operation: Operation,
  { place, draft, expected, more, dryRun }: ChargedPut,
  charges: readonly Charge[],
): Promise<StoredObject> {
  if (dryRun) return CachedObject.fromObject(place.key, expected, atRevision(draft, expected))
  const operations = [...more, ...charges.flatMap((charge) => charge.operations)]
  return commitPut(parts, operation, place, draft, expected, operations)
}

/** A preview carries the revision of what it would change; that of a new object has none. */
const atRevision = (draft: DynamicObject, revision: number): DynamicObject =>
  revision === 0 ? draft : { ...draft, metadata: { ...draft.metadata, resourceVersion: String(revision) } }

function isChargeLost(error: unknown, charges: readonly Charge[]): boolean {
  if (!isConflict(error)) return false
  return charges.some(({ operations }) => operations.some(({ key }) => key === error.conflict?.key))
}
