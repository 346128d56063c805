/** Changes one object of any kind: works out its new state from the stored one, has it admitted and validated, commits it. */
import { badRequest, conflict, invalidObject, modified, notFound } from '../../api/errors.ts'
import type { Kind } from '../../api/define-kind.ts'
import type { FieldError } from '../../api/field-error.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { validateMeta, validateMetaUpdate } from '../../api/meta/validate-meta.ts'
import type { ManagedFieldsEntry, ObjectMeta } from '../../api/types/meta-v1.ts'
import { schemaOf, type GroupVersionKind } from '../../api/schema/schema.ts'
import { timestamp } from '../../lib/clock.ts'
import { fieldManagerOf } from '../apply/field-manager.ts'
import { readManagers, writeManagers } from '../apply/managers.ts'
import { trackable } from '../apply/trackable.ts'
import { trackUpdate } from '../apply/track-update.ts'
import { CachedObject } from '../cache/cached-object.ts'
import type { Operation, ServerParts } from '../operation.ts'
import type { StoredObject } from '../request.ts'
import { adminAccessErrors } from './admin-access.ts'
import { admissionFor, type Admission } from './admit.ts'
import { behaviourOf } from './behaviours.ts'
import { storeKey } from './keys.ts'
import { commitDelete, isConflict, placeOf, type Place } from './commit.ts'
import { commitCharged } from './commit-charged.ts'
import { expressionErrors } from './expression-checks.ts'
import { withoutEmpty } from './meta.ts'
import { checkNamespace } from './namespace-check.ts'
import { samePlain } from './plain.ts'
import { applyDefaults } from './schema-steps.ts'
import type { Reservation } from './service-network.ts'
import { mergeSubresource } from './subresources.ts'
import { inVersion } from './versions.ts'

/** A write that names no resourceVersion is tried again on the newer state, so often. */
const conflictTries = 16

/** A subresource that shows the object as something else, as a Scale does. */
export interface View {
  readonly subresource: string
  readonly objectKind: GroupVersionKind
  of(object: DynamicObject): DynamicObject
  /** Takes over into the object what the plugins have made of its view. */
  take(object: DynamicObject, view: DynamicObject): void
}

export interface Change {
  /** The new state for the stored one, which it must not touch; the result is taken over. */
  apply(current: DynamicObject): DynamicObject
  readonly dryRun: boolean
  /** Absent: the plugins are asked about the object itself. */
  readonly view?: View
  /** The result says itself who owns what, because it was applied; absent: the writer owns what it changes. */
  readonly applied?: true
}

/** Throws a StatusError: `NotFound`, `Conflict`, `Invalid`, or what `apply` throws. */
export async function updateObject(parts: ServerParts, operation: Operation, change: Change): Promise<StoredObject> {
  const { kind, target } = operation
  const place = placeOf(operation)
  for (let tries = 1; ; tries++) {
    const current = parts.cache.resource(place.resource).get(place.key)
    if (current === undefined) throw notFound(kind, target.name)
    const pending = parts.conversion.prepare(kind, [current], operation.request.signal)
    if (pending !== undefined) await pending
    const body = change.apply(inVersion(kind, current).object)
    const claimed = claimedVersion(body)
    if (claimed !== '' && claimed !== String(current.revision)) throw modified(kind, target.name)
    try {
      return await writeUpdate(parts, operation, place, current, body, change)
    } catch (error) {
      if (!isConflict(error)) throw error
      await parts.store.fresh?.()
      // Of what else the write needs, a number perhaps: the object may still be the one that the writer has seen.
      const isOwn = error.conflict?.key === storeKey(place.resource, place.key)
      if ((claimed !== '' && isOwn) || tries === conflictTries) throw modified(kind, target.name)
    }
  }
}

/** The version that the writer has seen; empty when it writes over whatever is there. */
function claimedVersion({ metadata }: DynamicObject): string {
  const version = metadata?.resourceVersion ?? ''
  return version === '0' ? '' : version
}

async function writeUpdate(
  parts: ServerParts,
  operation: Operation,
  place: Place,
  current: CachedObject,
  body: DynamicObject,
  { dryRun, applied, view }: Change,
): Promise<StoredObject> {
  const { kind, target } = operation
  const { subresource } = target
  const previous = inVersion(kind, current).object
  let draft = mergeSubresource(kind, subresource, previous, body)
  const givenManagers = managersOf(draft, previous)
  draft.metadata = keptMeta(operation, draft.metadata ?? {}, previous.metadata ?? {})
  applyDefaults(kind, draft)
  behaviourOf(place.resource).stamp?.(draft, previous, timestamp(parts.clock.now()))
  const admission = updateAdmission(parts, operation, previous, dryRun, view)
  const shown = view?.of(draft) ?? draft
  await admission.mutate(shown)
  if (admission.altered()) {
    view?.take(draft, shown)
    // A webhook may change no more than the request may.
    draft = mergeSubresource(kind, subresource, previous, draft)
  }
  draft.metadata ??= {}
  if (subresource === '' || subresource === 'status') kind.prepareUpdate?.(draft, previous)
  // Which node a pod is on is nobody's wish.
  if (operation.target.subresource !== 'binding') raiseGeneration(kind, draft, previous)
  if (applied === true) draft.metadata.managedFields = [...givenManagers]
  else trackFields(parts, operation, draft, previous, givenManagers, view?.subresource ?? subresource)
  if (draft.metadata.managedFields?.length === 0) delete draft.metadata.managedFields
  const behaviour = behaviourOf(place.resource)
  if (behaviour.inTurns === true) await parts.nextTurn()
  const reservation = behaviour.reserve?.(draft, previous, parts.serviceNetwork)
  let committed = false
  try {
    const checking = validateChanged(parts, operation, draft, previous, reservation)
    if (checking !== undefined) await checking
    if (subresource === '') for (const text of kind.warn?.(draft, previous) ?? []) operation.warn(text)
    await admission.validate(view?.of(draft) ?? draft)
    if (behaviour.inTurns === true) await parts.nextTurn()
    if (samePlain(withoutRevision(draft), withoutRevision(previous))) return inVersion(kind, current)
    const goes = isReleased(place, current, draft)
    if (goes && dryRun) return CachedObject.fromObject(place.key, current.revision, withRevisionOf(draft, previous))
    const stored = goes
      ? await commitRelease(parts, operation, place, current, draft)
      : await commitCharged(parts, operation, admission, {
          ...{ place, draft, dryRun, more: reservation?.operations ?? [] },
          expected: current.revision,
        })
    committed = !dryRun
    return stored
  } finally {
    reservation?.settle(committed)
  }
}

function updateAdmission(
  parts: ServerParts,
  operation: Operation,
  previous: DynamicObject,
  dryRun: boolean,
  view: View | undefined,
): Admission {
  const { target } = operation
  const write = { what: 'UPDATE', name: target.name, previous, dryRun } as const
  if (view === undefined) return admissionFor(parts, operation, write)
  const { subresource, objectKind } = view
  const shown = { ...operation, target: { ...target, subresource } }
  return admissionFor(parts, shown, { ...write, previous: view.of(previous), objectKind })
}

/** An object whose deletion waited for nothing but this change goes with it. */
function isReleased(place: Place, { object }: CachedObject, draft: DynamicObject): boolean {
  const waiting = object.metadata?.deletionGracePeriodSeconds === 0
  const free = (draft.metadata?.finalizers ?? []).length === 0 && behaviourOf(place.resource).heldBack?.(draft) !== true
  return waiting && free
}

async function commitRelease(
  parts: ServerParts,
  operation: Operation,
  place: Place,
  current: CachedObject,
  draft: DynamicObject,
): Promise<StoredObject> {
  const release = behaviourOf(place.resource).reserve?.(undefined, current.object, parts.serviceNetwork)
  const revision = await commitDelete(parts, operation, place, current.revision, release?.operations ?? [])
  release?.settle(true)
  return CachedObject.fromObject(place.key, revision, {
    ...draft,
    metadata: { ...draft.metadata, resourceVersion: String(revision) },
  })
}

/** Puts back what is the server's to say, and refuses to let an object become another one. */
function keptMeta(operation: Operation, given: ObjectMeta, previous: ObjectMeta): ObjectMeta {
  const { kind, target } = operation
  const { name = '', namespace = '', uid = '' } = given
  if (name !== '' && name !== target.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`)
  checkNamespace(operation, namespace)
  if (uid !== '' && uid !== previous.uid)
    throw conflict(
      kind,
      target.name,
      `StorageError: invalid object, Code: 4, Key: ${keyText(kind, target)}, ResourceVersion: 0, ` +
        `AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.uid}`,
    )
  const { labels, annotations, finalizers, ownerReferences } = given
  const { managedFields: _managedFields, ...own } = previous
  return withoutEmpty({
    ...own,
    ...{ labels, annotations, finalizers, ownerReferences },
    ...claimedTimes(given, previous),
  })
}

/** Times that a client gives other than they are, for validation to refuse; what it leaves out stays. */
function claimedTimes(given: ObjectMeta, previous: ObjectMeta): Partial<ObjectMeta> {
  const { creationTimestamp: made, deletionTimestamp: goes } = given
  const differs = made !== undefined && Date.parse(made) !== Date.parse(previous.creationTimestamp ?? '')
  return {
    ...(differs ? { creationTimestamp: made } : {}),
    ...(previous.deletionTimestamp === undefined && goes !== undefined ? { deletionTimestamp: goes } : {}),
  }
}

/** The object's place in the words of the store of Kubernetes. */
const keyText = ({ plural }: Kind, { namespace, name }: Operation['target']): string =>
  ['', 'registry', plural, ...(namespace === '' ? [] : [namespace]), name].join('/')

function trackFields(
  { clock }: ServerParts,
  operation: Operation,
  draft: DynamicObject,
  previous: DynamicObject,
  given: readonly ManagedFieldsEntry[],
  subresource: string,
): void {
  const schema = schemaOf(operation.kind)
  if (given.length === 0 || schema === undefined || draft.metadata === undefined) return
  // Which node a pod is on belongs to no manager, or an apply of the pod's own text would meet the scheduler.
  if (subresource === 'binding') {
    draft.metadata.managedFields = [...given]
    return
  }
  const writer = {
    manager: fieldManagerOf(operation),
    subresource,
    now: timestamp(clock.now()),
  }
  draft.metadata.managedFields = trackable(() => trackUpdate(previous, draft, given, schema, writer))
}

/** Who owns what, as the writer says; of what it says, only what can be read. */
function managersOf(draft: DynamicObject, previous: DynamicObject): readonly ManagedFieldsEntry[] {
  const stored = previous.metadata?.managedFields ?? []
  const given = draft.metadata?.managedFields
  if (given === undefined || samePlain(given, stored)) return stored
  return writeManagers(readManagers(given))
}

/** The generation counts the wishes: it rises when anything but metadata and status changes. */
function raiseGeneration(kind: Kind, draft: DynamicObject, previous: DynamicObject): void {
  const { generation } = previous.metadata ?? {}
  if (generation === undefined || draft.metadata === undefined) return
  draft.metadata.generation = samePlain(wishes(kind, draft), wishes(kind, previous)) ? generation : generation + 1
}

/** The status of a custom kind without that subresource is a field like any other. */
function wishes(kind: Kind, { metadata: _metadata, status, ...rest }: DynamicObject): object {
  return kind.custom === undefined || kind.subresources.status === true ? rest : { ...rest, status }
}

function withoutRevision({ metadata, ...rest }: DynamicObject): object {
  return { ...rest, metadata: { ...metadata, resourceVersion: undefined } }
}

function withRevisionOf(draft: DynamicObject, previous: DynamicObject): DynamicObject {
  return { ...draft, metadata: { ...draft.metadata, resourceVersion: previous.metadata?.resourceVersion ?? '' } }
}

/** Undefined when it took no longer than anything else does. */
function validateChanged(
  parts: ServerParts,
  operation: Operation,
  draft: DynamicObject,
  previous: DynamicObject,
  reservation: Reservation | undefined,
): Promise<void> | undefined {
  const { kind, target } = operation
  const errors = [
    ...adminAccessErrors(parts, operation, draft, previous),
    ...validateMeta(kind, draft.metadata),
    ...validateMetaUpdate(draft.metadata, previous.metadata),
    ...(kind.validateStatus !== undefined && target.subresource === 'status'
      ? kind.validateStatus(draft, previous)
      : [...(kind.validate?.(draft) ?? []), ...(kind.validateUpdate?.(draft, previous, target.subresource) ?? [])]),
    ...(reservation?.errors ?? []),
  ]
  const refuse = (more: readonly FieldError[]): void => {
    if (errors.length + more.length > 0) throw invalidObject(kind, target.name, [...errors, ...more])
  }
  const more = expressionErrors({ kind, nextTurn: parts.nextTurn, isValid: errors.length === 0 }, draft, previous)
  return more instanceof Promise ? more.then(refuse) : void refuse(more)
}
