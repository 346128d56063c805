/** Takes the patch of a mutating webhook over into the object that is to be stored. */
import type { Kind } from '../../api/define-kind.ts'
import { badRequest, internalError, StatusError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import { seenAs } from '../admission/seen-as.ts'
import type { CustomConversion } from '../custom/conversion.ts'
import { applyJsonPatch, JsonPatchError } from '../patch/json.ts'
import { copyPlain, samePlain } from '../registry/plain.ts'
import { applyDefaults, checkAgainstSchema } from '../registry/schema-steps.ts'

/** What the server alone says of an object; a webhook's word counts for nothing there. */
const ownMeta = ['uid', 'creationTimestamp', 'resourceVersion', 'generation', 'selfLink', 'managedFields'] as const
const deletionMeta = ['deletionTimestamp', 'deletionGracePeriodSeconds'] as const

/**
 * Changes the request's object in place, completed by the defaults of what the patch has added; true when it is another
 * one now. Throws InternalError for a patch that does not fit, as the webhook and not the client is at fault.
 */
export async function takePatch(
  request: AdmissionRequest,
  matched: Kind,
  patch: unknown,
  conversion: CustomConversion,
): Promise<boolean> {
  const { object, kind } = request
  const seen = seenAs(request, object, matched)
  const patched = patchedObject(copyPlain(seen), patch)
  const back = seen === object ? patched : await conversion.inVersion(kind, patched, request.signal)
  const next = completed(request, back)
  if (object.metadata !== undefined) next.metadata = keptMeta(request, next)
  if (samePlain(next, object)) return false
  for (const name of Object.keys(object)) Reflect.deleteProperty(object, name)
  Object.assign(object, next)
  return true
}

function patchedObject(object: DynamicObject, patch: unknown): DynamicObject {
  let patched: unknown
  try {
    patched = applyJsonPatch(object, patch)
  } catch (error) {
    if (error instanceof JsonPatchError) throw internalError(error.message)
    throw error
  }
  if (typeof patched !== 'object' || patched === null || Array.isArray(patched))
    throw internalError('the patch of a webhook leaves no object')
  return patched as DynamicObject
}

/** What a patch has added may be unknown, or lack what has a default. */
function completed({ kind, objectKind, object }: AdmissionRequest, patched: DynamicObject): DynamicObject {
  if (patched.kind !== object.kind || patched.apiVersion !== object.apiVersion)
    throw internalError(`the patch of a webhook makes a ${String(patched.kind)} of a ${String(object.kind)}`)
  try {
    const next = checkAgainstSchema(objectKind ?? kind, patched, 'Ignore', () => undefined)
    if (objectKind === undefined) applyDefaults(kind, next)
    return next
  } catch (error) {
    if (error instanceof StatusError) throw internalError(error.message)
    throw error
  }
}

function keptMeta(
  { object, operation }: AdmissionRequest,
  next: DynamicObject,
): NonNullable<DynamicObject['metadata']> {
  const { metadata: before = {} } = object
  const meta = { ...next.metadata }
  const kept = operation === 'CREATE' ? ownMeta : [...ownMeta, ...deletionMeta]
  for (const field of kept) {
    Reflect.deleteProperty(meta, field)
    if (before[field] !== undefined) Object.assign(meta, { [field]: before[field] })
  }
  for (const field of ['name', 'namespace'] as const)
    if (meta[field] !== before[field])
      throw badRequest(
        `the ${field} of the provided object does not match the ${field} sent on the request (${String(meta[field])} != ${String(before[field])})`,
      )
  return meta
}
