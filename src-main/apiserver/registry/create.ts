/** Creates one object of any kind: names it, completes it, has it admitted and validated, commits it. */
import { alreadyExists, badRequest, conflict, invalidObject, isReason, StatusError } from '../../api/errors.ts'
import type { FieldError } from '../../api/field-error.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { validateMeta } from '../../api/meta/validate-meta.ts'
import type { ManagedFieldsEntry, ObjectMeta } from '../../api/types/meta-v1.ts'
import { schemaOf } from '../../api/schema/schema.ts'
import { timestamp } from '../../lib/clock.ts'
import { fieldManagerOf } from '../apply/field-manager.ts'
import { trackable } from '../apply/trackable.ts'
import { trackCreation } from '../apply/track-creation.ts'
import type { StoredObject } from '../request.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { adminAccessErrors } from './admin-access.ts'
import { admissionFor } from './admit.ts'
import { behaviourOf } from './behaviours.ts'
import { isConflict, placeOf } from './commit.ts'
import { commitCharged } from './commit-charged.ts'
import { expressionErrors } from './expression-checks.ts'
import { withoutEmpty } from './meta.ts'
import { checkNamespace } from './namespace-check.ts'
import { copyPlain } from './plain.ts'
import { applyDefaults } from './schema-steps.ts'
import type { Reservation } from './service-network.ts'

/** A generated name may be taken already; then another one is tried, so often. */
const generatedNameTries = 8
const numberTries = 16
/** What Kubernetes leaves of a generateName before it adds five characters. */
const generateNameLimit = 58

export interface CreateOptions {
  readonly dryRun: boolean
  /** Who owns what, of an object that is applied; absent: its creator owns all that it says. */
  readonly managedFields?: readonly ManagedFieldsEntry[]
}

/** `body` is taken over. Throws a StatusError; of an object of this name, `AlreadyExists`. */
export async function createObject(
  parts: ServerParts,
  operation: Operation,
  body: DynamicObject,
  options: CreateOptions,
): Promise<StoredObject> {
  checkCreatable(operation)
  const { name = '', generateName = '' } = body.metadata ?? {}
  if (name !== '' || generateName === '') return createAllocated(parts, operation, body, name, options)
  for (let tries = 1; ; tries++) {
    const generated = generateName.slice(0, generateNameLimit) + parts.random.suffix(5)
    try {
      return await createAllocated(parts, operation, copyPlain(body), generated, options)
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
      if (tries === generatedNameTries) throw noNameLeft(error)
    }
  }
}

function noNameLeft({ message, details }: StatusError): StatusError {
  const text = `${message}, the server was not able to generate a unique name for the object`
  return new StatusError(409, 'AlreadyExists', text, { ...details, retryAfterSeconds: 1 })
}

/** Another server may take a number at the same moment; then the object gets another one, or hears that it is taken. */
async function createAllocated(
  parts: ServerParts,
  operation: Operation,
  body: DynamicObject,
  name: string,
  options: CreateOptions,
): Promise<StoredObject> {
  if (behaviourOf(placeOf(operation, name).resource).reserve === undefined)
    return createNamed(parts, operation, body, name, options)
  for (let tries = 1; ; tries++) {
    try {
      return await createNamed(parts, operation, copyPlain(body), name, options)
    } catch (error) {
      if (!(error instanceof NumberTaken) || tries === numberTries) throw error
      await parts.store.fresh?.()
    }
  }
}

/** The client sees it only when all tries were in vain. */
class NumberTaken extends StatusError {
  constructor(kind: Operation['kind'], name: string) {
    const { code, reason, message, details } = conflict(
      kind,
      name,
      'an address or port that it needs was taken at the same moment; please try again',
    )
    super(code, reason, message, details)
  }
}

async function createNamed(
  parts: ServerParts,
  operation: Operation,
  draft: DynamicObject,
  name: string,
  { dryRun, managedFields }: CreateOptions,
): Promise<StoredObject> {
  const { kind } = operation
  const place = placeOf(operation, name)
  draft.metadata = newMeta(parts, operation, draft.metadata ?? {}, name)
  if (managedFields !== undefined) draft.metadata.managedFields = [...managedFields]
  applyDefaults(kind, draft)
  behaviourOf(place.resource).stamp?.(draft, undefined, timestamp(parts.clock.now()))
  if (managedFields === undefined) ownByCreator(parts, operation, draft)
  const admission = admissionFor(parts, operation, { what: 'CREATE', name, previous: undefined, dryRun })
  await admission.mutate(draft)
  kind.prepareCreate?.(draft)
  const behaviour = behaviourOf(place.resource)
  if (behaviour.inTurns === true) await parts.nextTurn()
  const reservation = behaviour.reserve?.(draft, undefined, parts.serviceNetwork)
  let committed = false
  try {
    const checking = validateNew(parts, operation, draft, name, reservation)
    if (checking !== undefined) await checking
    for (const text of kind.warn?.(draft, undefined) ?? []) operation.warn(text)
    await admission.validate(draft)
    if (behaviour.inTurns === true) await parts.nextTurn()
    checkCreatable({ ...operation, kind: parts.kinds.find(kind.group, kind.version, kind.plural) ?? kind })
    if (parts.cache.resource(place.resource).get(place.key) !== undefined) throw alreadyExists(kind, name)
    const write = { place, draft, expected: 0, more: reservation?.operations ?? [], dryRun }
    const stored = await commitCharged(parts, operation, admission, write)
    committed = !dryRun
    return stored
  } catch (error) {
    throw isConflict(error) ? conflictError(operation, place.key, name, error.conflict?.key) : error
  } finally {
    reservation?.settle(committed)
  }
}

/** Before admission: what that adds, nobody owns. */
function ownByCreator({ clock }: ServerParts, operation: Operation, draft: DynamicObject): void {
  const { kind } = operation
  const schema = schemaOf(kind)
  if (schema === undefined || draft.metadata === undefined) return
  const now = timestamp(clock.now())
  const ownsStatus = kind.subresources.status !== true
  const entries = trackable(() => trackCreation(draft, schema, { manager: fieldManagerOf(operation), now, ownsStatus }))
  if (entries.length > 0) draft.metadata.managedFields = entries
}

/** Of a kind whose definition is being deleted, there will be no new objects. */
function checkCreatable({ kind }: Operation): void {
  if (kind.custom?.terminating !== true) return
  const words = 'create not allowed while custom resource definition is terminating'
  throw new StatusError(405, 'MethodNotAllowed', words, { group: kind.group, kind: kind.plural })
}

/** Sets what is the server's to say, whatever the client wrote there. */
function newMeta(parts: ServerParts, operation: Operation, given: ObjectMeta, name: string): ObjectMeta {
  const { kind, target } = operation
  if ((given.resourceVersion ?? '') !== '')
    throw badRequest('resourceVersion should not be set on objects to be created')
  checkNamespace(operation, given.namespace)
  const { namespace: _n, resourceVersion: _r, selfLink: _s, managedFields: _m, ...kept } = given
  const { deletionTimestamp: _d, deletionGracePeriodSeconds: _g, generation: _generation, ...meta } = kept
  const base: ObjectMeta = {
    ...meta,
    name,
    ...(kind.namespaced ? { namespace: target.namespace } : {}),
    uid: parts.random.uuid(),
    creationTimestamp: timestamp(parts.clock.now()),
  }
  return withoutEmpty(base)
}

/** Undefined when it took no longer than anything else does. */
function validateNew(
  parts: ServerParts,
  operation: Operation,
  draft: DynamicObject,
  name: string,
  reservation: Reservation | undefined,
): Promise<void> | undefined {
  const { kind } = operation
  const errors = [
    ...adminAccessErrors(parts, operation, draft),
    ...validateMeta(kind, draft.metadata),
    ...(kind.validate?.(draft) ?? []),
    ...(kind.validateNew?.(draft) ?? []),
    ...(reservation?.errors ?? []),
  ]
  const refuse = (more: readonly FieldError[]): void => {
    if (errors.length + more.length > 0) throw invalidObject(kind, name, [...errors, ...more])
  }
  const more = expressionErrors({ kind, nextTurn: parts.nextTurn, isValid: errors.length === 0 }, draft)
  return more instanceof Promise ? more.then(refuse) : void refuse(more)
}

function conflictError({ kind }: Operation, key: string, name: string, conflicting: string | undefined): StatusError {
  return conflicting === undefined || conflicting.endsWith(`/${key}`)
    ? alreadyExists(kind, name)
    : new NumberTaken(kind, name)
}
