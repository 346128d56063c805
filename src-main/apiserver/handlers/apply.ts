/** PATCH with `application/apply-patch+yaml`: server-side apply, which also creates what is not there. */
import {
  badRequest,
  conflict,
  isReason,
  notFound,
  pathNotFound,
  StatusError,
  unsupportedMediaType,
} from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { schemaOf } from '../../api/schema/schema.ts'
import type { ObjectSchema } from '../../api/schema/type-schema.ts'
import { timestamp } from '../../lib/clock.ts'
import { applyByKubectl } from '../apply/last-applied.ts'
import { listProblems } from '../apply/list-problems.ts'
import { applyConfiguration, type Application } from '../apply/server-side-apply.ts'
import { partOf } from '../apply/shape.ts'
import { asObject, checkType, parseYamlText, readBytes, type BodyKind } from '../filters/decode.ts'
import { isTrue } from '../filters/request-info.ts'
import { yamlProblems } from '../filters/text-problems.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { copyPlain } from '../registry/plain.ts'
import { checkAgainstSchema, type FieldValidation } from '../registry/schema-steps.ts'
import { updateObject } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { createMissing, isMissing } from './create-missing.ts'
import { writeOptionsOf } from './write-options.ts'

export async function handleApply(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, target } = operation
  const schema = schemaOf(kind)
  if (schema === undefined) throw unsupportedMediaType(['application/merge-patch+json', 'application/json-patch+json'])
  const { dryRun, validation } = writeOptionsOf(operation, true)
  const application = applicationOf(operation, timestamp(parts.clock.now()))
  const applied = ownPart(operation, await readApplied(operation, { ...kind, schema, validation }))
  for (;;) {
    if (isMissing(parts, operation)) {
      const created = await createApplied(parts, operation, applied, schema, application, dryRun)
      if (created !== undefined) return created
    }
    const apply = (current: DynamicObject): DynamicObject =>
      withPreconditions(applyByKubectl(current, applied, schema, application), applied)
    try {
      const stored = await updateObject(parts, operation, {
        apply: (current) => copyPlain(apply(current)),
        dryRun,
        applied: true,
      })
      return { type: 'object', code: 200, kind, stored }
    } catch (error) {
      // Deleted between the look and the write: then it is created.
      if (!isReason(error, 'NotFound') || target.subresource !== '') throw error
    }
  }
}

/** Undefined when somebody else was quicker to create it. */
async function createApplied(
  parts: ServerParts,
  operation: Operation,
  applied: DynamicObject,
  schema: ObjectSchema,
  application: Application,
  dryRun: boolean,
): Promise<Answer | undefined> {
  const { kind, target } = operation
  if (target.subresource !== '') throw notFound(kind, target.name)
  const { uid = '', resourceVersion = '' } = applied.metadata ?? {}
  if (uid !== '' || resourceVersion !== '') throw conflict(kind, target.name, 'uid mismatch: there is no such object')
  const object = copyPlain(applyConfiguration(undefined, applied, schema, application))
  const managedFields = object.metadata?.managedFields ?? []
  return createMissing(parts, operation, object, { dryRun, managedFields })
}

export function applicationOf({ request, target }: Operation, now: string): Application {
  const manager = request.query.get('fieldManager') ?? ''
  return { manager, subresource: target.subresource, force: isTrue(request.query.get('force')), now }
}

export interface AppliedKind extends BodyKind {
  readonly schema: ObjectSchema
  readonly validation: FieldValidation
}

/** The configuration in the body: nothing in it that the kind does not know, whatever the validation. */
export async function readApplied(operation: Operation, kind: AppliedKind): Promise<DynamicObject> {
  const { target, request } = operation
  const { body } = request
  if (body.type === 'none') throw badRequest('an apply patch needs a body')
  const bytes = body.type === 'data' ? undefined : await readBytes(body)
  const object = asObject(body.type === 'data' ? copyPlain(body.data) : appliedYaml(bytes ?? new Uint8Array()))
  if ((object.apiVersion ?? '') === '') throw badRequest('apiVersion must be set')
  if ((object.kind ?? '') === '') throw badRequest('kind must be set')
  checkType(kind, object)
  const { name = '', managedFields } = object.metadata ?? {}
  if (managedFields !== undefined && managedFields !== null) throw badRequest('metadata.managedFields must be nil')
  if (name !== '' && name !== target.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`)
  object.metadata = { ...object.metadata, name: target.name }
  if (bytes !== undefined) tellTwice(operation, bytes, kind.validation)
  return typed(operation, kind, object)
}

function appliedYaml(bytes: Uint8Array): unknown {
  try {
    return parseYamlText(bytes)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw Object.assign(badRequest(`error decoding YAML: ${error.message}`), { cause: error })
  }
}

function tellTwice(operation: Operation, bytes: Uint8Array, validation: FieldValidation): void {
  if (validation === 'Ignore') return
  const { warnings, errors } = yamlProblems(new TextDecoder().decode(bytes))
  if (validation === 'Strict' && errors.length > 0)
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${errors.join(', ')}`)
  for (const text of warnings) operation.warn(text)
}

/** Of a field without a type, and of an item that is not told from others, nobody could say who owns it. */
function typed({ target }: Operation, kind: AppliedKind, object: DynamicObject): DynamicObject {
  const unknown: string[] = []
  const checked = checkAgainstSchema(kind, object, 'Warn', (text) => unknown.push(text))
  const undeclared = unknown.map(
    (text) => `.${text.replace(/^unknown field "(.*)"$/, '$1')}: field not declared in schema`,
  )
  const texts = [...undeclared, ...listProblems(checked, partOf(kind.schema))]
  if (texts.length === 0) return checked
  const reason = texts.length === 1 ? texts.join('') : `errors:\n  ${texts.join('\n  ')}`
  const type = `${kind.apiVersion}, Kind=${kind.kind}`
  const text = `failed to create typed patch object (${target.namespace}/${target.name}; ${type}): ${reason}`
  throw new StatusError(500, '', text)
}

/** What this endpoint does not write, nobody can own through it. */
function ownPart({ kind, target }: Operation, applied: DynamicObject): DynamicObject {
  const { apiVersion, kind: name, metadata, status, ...rest } = applied
  const base = { apiVersion, kind: name, metadata }
  if (target.subresource === 'status') return { ...base, ...(status === undefined ? {} : { status }) }
  if (target.subresource !== '') throw pathNotFound()
  const keepsStatus = kind.subresources.status !== true && status !== undefined
  return { ...base, ...rest, ...(keepsStatus ? { status } : {}) }
}

/** A uid or resourceVersion in the configuration must fit; without one, it applies to whatever is there. */
function withPreconditions(object: DynamicObject, applied: DynamicObject): DynamicObject {
  const { resourceVersion: _resourceVersion, ...meta } = object.metadata ?? {}
  const { uid = '', resourceVersion = '' } = applied.metadata ?? {}
  return {
    ...object,
    metadata: { ...meta, ...(uid === '' ? {} : { uid }), ...(resourceVersion === '' ? {} : { resourceVersion }) },
  }
}
