import { badRequest, invalidObject, isReason, methodNotAllowed } from '../../api/errors.ts'
import { invalid } from '../../api/field-error.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { authorize } from '../filters/authorization.ts'
import { readObject } from '../filters/decode.ts'
import type { Operation, ServerParts } from '../operation.ts'
import { placeOf } from '../registry/commit.ts'
import { createObject } from '../registry/create.ts'
import { resourceKey } from '../registry/keys.ts'
import { copyPlain } from '../registry/plain.ts'
import { updateObject } from '../registry/update.ts'
import type { Answer } from '../request.ts'
import { writeOptionsOf } from './write-options.ts'

/** An update of one that is not there makes it. */
const createdByUpdate: ReadonlySet<string> = new Set([
  'coordination.k8s.io/leases',
  'coordination.k8s.io/leasecandidates',
  'core/endpoints',
  'core/events',
  'core/limitranges',
  'core/services',
  'rbac.authorization.k8s.io/clusterrolebindings',
  'rbac.authorization.k8s.io/clusterroles',
  'rbac.authorization.k8s.io/rolebindings',
  'rbac.authorization.k8s.io/roles',
])

export async function handleUpdate(parts: ServerParts, operation: Operation): Promise<Answer> {
  const { kind, target } = operation
  if (target.name === '') throw methodNotAllowed()
  const { dryRun, validation } = writeOptionsOf(operation)
  const body = await readObject(operation, kind, validation)
  checkPlace(operation, body)
  const creates = target.subresource === '' && createdByUpdate.has(resourceKey(kind))
  for (;;) {
    if (creates && isMissing(parts, operation)) {
      const created = await createInstead(parts, operation, body, dryRun)
      if (created !== undefined) return created
    }
    try {
      // A copy for every try: the first one is taken over.
      const stored = await updateObject(parts, operation, {
        apply: () => versioned(operation, copyPlain(body)),
        dryRun,
      })
      return { type: 'object', code: 200, kind, stored }
    } catch (error) {
      // Deleted between the look and the write: then it is created.
      if (!creates || !isReason(error, 'NotFound') || !isMissing(parts, operation)) throw error
    }
  }
}

/** Throws `BadRequest` for an object that belongs to another URL. */
export function checkPlace({ kind, target }: Operation, { metadata }: Pick<DynamicObject, 'metadata'>): void {
  const { name = '', namespace = '' } = metadata ?? {}
  if (kind.namespaced && namespace !== '' && namespace !== target.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (name === '')
    throw badRequest(`the name of the object (${target.name} based on URL) was undeterminable: name must be provided`)
  if (name !== target.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`)
}

function versioned({ kind, target }: Operation, body: DynamicObject): DynamicObject {
  if (kind.updatesNeedVersion === true && (body.metadata?.resourceVersion ?? '') === '')
    throw invalidObject(kind, target.name, [invalid('metadata.resourceVersion', 0n, 'must be specified for an update')])
  return body
}

function isMissing(parts: ServerParts, operation: Operation): boolean {
  const { resource, key } = placeOf(operation)
  return parts.cache.resource(resource).get(key) === undefined
}

/** Undefined when somebody else was quicker to create it. */
async function createInstead(
  parts: ServerParts,
  operation: Operation,
  body: DynamicObject,
  dryRun: boolean,
): Promise<Answer | undefined> {
  const { kind, target } = operation
  // Whoever may only update makes nothing new.
  authorize(operation.user, { type: 'resource', verb: 'create', target }, parts.authorizer)
  const object = copyPlain(body)
  // What it was, nobody remembers.
  delete object.metadata?.resourceVersion
  try {
    const stored = await createObject(parts, { ...operation, verb: 'create' }, object, { dryRun })
    return { type: 'object', code: 201, kind, stored }
  } catch (error) {
    if (isReason(error, 'AlreadyExists') && !isMissing(parts, operation)) return undefined
    throw error
  }
}
