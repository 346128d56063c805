/** Deletes one object, or begins to: it stays until its finalizers are gone and its time to stop is over. */
import { conflict, modified, notFound } from '../../api/errors.ts'
import type { ObjectMeta } from '../../api/types/meta-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import { CachedObject } from '../cache/cached-object.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { deleteOptionsObject } from './admission-options.ts'
import { admissionFor } from './admit.ts'
import { behaviourOf } from './behaviours.ts'
import { commitDelete, commitPut, isConflict, placeOf, type Place } from './commit.ts'
import { withoutEmpty } from './meta.ts'
import { copyPlain } from './plain.ts'
import { inVersion } from './versions.ts'

const conflictTries = 16

export interface Deletion {
  readonly graceSeconds: number | undefined
  readonly propagation: 'Orphan' | 'Foreground' | 'Background' | undefined
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun: boolean
}

export interface DeletionResult {
  /** The object as it is now, or as it last was. */
  readonly stored: CachedObject
  /** False: it waits for finalizers or for its time. */
  readonly gone: boolean
}

/** Throws a StatusError: `NotFound`, `Conflict`, `Forbidden`. */
export async function deleteObject(
  parts: ServerParts,
  operation: Operation,
  deletion: Deletion,
  name = operation.target.name,
): Promise<DeletionResult> {
  const place = placeOf(operation, name)
  for (let tries = 1; ; tries++) {
    const current = parts.cache.resource(place.resource).get(place.key)
    if (current === undefined) throw notFound(operation.kind, name)
    checkPreconditions(operation, name, current, deletion)
    const pending = parts.conversion.prepare(operation.kind, [current], operation.request.signal)
    if (pending !== undefined) await pending
    const shown = inVersion(operation.kind, current)
    const options = (): object => deleteOptionsObject(deletion)
    const write = { what: 'DELETE', name, previous: shown.object, dryRun: deletion.dryRun, options } as const
    await admissionFor(parts, operation, write).validate(shown.object)
    try {
      const { stored, gone } = await deleteCurrent(parts, operation, place, current, deletion)
      if (gone) return { stored: shown.at(stored.revision), gone }
      const converting = parts.conversion.prepare(operation.kind, [stored], operation.request.signal)
      if (converting !== undefined) await converting
      return { stored: inVersion(operation.kind, stored), gone }
    } catch (error) {
      if (!isConflict(error)) throw error
      await parts.store.fresh?.()
      if (tries === conflictTries) throw modified(operation.kind, name)
    }
  }
}

/** Throws `Conflict` when the object is not the one that the client means. */
export function checkPreconditions(
  { kind }: Operation,
  name: string,
  { object, revision }: Pick<CachedObject, 'object' | 'revision'>,
  { preconditions }: Deletion,
): void {
  const { uid, resourceVersion } = preconditions
  const own = object.metadata?.uid
  // Kubernetes names the kind here, where all other conflicts name the resource.
  const named = { group: kind.group, plural: kind.kind }
  if (uid !== undefined && uid !== own)
    throw conflict(
      named,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${own}). The object might have been deleted and then recreated`,
    )
  if (resourceVersion !== undefined && resourceVersion !== String(revision))
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${revision}). The object might have been modified`,
    )
}

async function deleteCurrent(
  parts: ServerParts,
  operation: Operation,
  place: Place,
  current: CachedObject,
  deletion: Deletion,
): Promise<DeletionResult> {
  const behaviour = behaviourOf(place.resource)
  const { object } = current
  const finalizers = finalizersAfter(object.metadata?.finalizers ?? [], deletion.propagation)
  const graceSeconds = behaviour.graceSeconds?.(object, deletion.graceSeconds) ?? 0
  const waits = finalizers.length > 0 || behaviour.heldBack?.(object) === true || graceSeconds > 0
  if (waits) {
    const draft = copyPlain(object)
    draft.metadata = deletedMeta(draft.metadata ?? {}, finalizers, graceSeconds, parts.clock.now())
    if (object.metadata?.deletionTimestamp === undefined) behaviour.beginDeletion?.(draft)
    const unchanged = JSON.stringify(draft) === JSON.stringify(object)
    if (unchanged) return { stored: current, gone: false }
    if (deletion.dryRun) return { stored: CachedObject.fromObject(place.key, current.revision, draft), gone: false }
    return { stored: await commitPut(parts, operation, place, draft, current.revision, []), gone: false }
  }
  if (deletion.dryRun) return { stored: current, gone: true }
  const release = behaviour.reserve?.(undefined, object, parts.serviceNetwork)
  const revision = await commitDelete(parts, operation, place, current.revision, release?.operations ?? [])
  release?.settle(true)
  return { stored: current.at(revision), gone: true }
}

/** Foreground and Orphan are carried out by the garbage collector, which looks for these finalizers. */
function finalizersAfter(finalizers: readonly string[], propagation: Deletion['propagation']): string[] {
  if (propagation === undefined) return [...finalizers]
  const others = finalizers.filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion')
  if (propagation === 'Orphan') return [...others, 'orphan']
  return propagation === 'Foreground' ? [...others, 'foregroundDeletion'] : others
}

/** A second deletion may shorten the time that is left, never lengthen it. */
function deletedMeta(meta: ObjectMeta, finalizers: readonly string[], graceSeconds: number, nowMs: number): ObjectMeta {
  const { deletionTimestamp, deletionGracePeriodSeconds } = meta
  const begun = deletionTimestamp !== undefined
  if (begun && (deletionGracePeriodSeconds ?? 0) <= graceSeconds)
    return withoutEmpty({ ...meta, finalizers: [...finalizers] })
  // The deadline counts from the first deletion: it moves by as much as the time becomes shorter.
  const begunMs = begun ? Date.parse(deletionTimestamp) - (deletionGracePeriodSeconds ?? 0) * 1000 : nowMs
  return withoutEmpty({
    ...meta,
    finalizers: [...finalizers],
    deletionTimestamp: timestamp(Math.max(nowMs, begunMs) + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
    ...(meta.generation === undefined || begun ? {} : { generation: meta.generation + 1 }),
  })
}
