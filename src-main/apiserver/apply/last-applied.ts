/** What `kubectl apply` left behind, for those who go on with `kubectl apply --server-side`. */
import { StatusError } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { ObjectSchema } from '../../api/schema/type-schema.ts'
import { goJson } from '../../lib/go-json.ts'
import { isRecord } from '../patch/merge.ts'
import { pathsOf } from './field-set.ts'
import { fieldsOf } from './fields-of.ts'
import { managedPart } from './managed-part.ts'
import { applyConfiguration, type Application } from './server-side-apply.ts'

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * An application by kubectl takes over, without force, what kubectl itself applied on the client's side before, and
 * keeps the annotation that says so up to date. Every other application is as it is.
 */
export function applyByKubectl(
  live: DynamicObject | undefined,
  applied: DynamicObject,
  schema: ObjectSchema,
  application: Application,
): DynamicObject {
  const text = live?.metadata?.annotations?.[lastApplied]
  if (text === undefined || application.manager !== 'kubectl' || application.subresource !== '')
    return applyConfiguration(live, applied, schema, application)
  return withText(applyOver(live, applied, schema, application, text), applied)
}

function applyOver(
  live: DynamicObject | undefined,
  applied: DynamicObject,
  schema: ObjectSchema,
  application: Application,
  text: string,
): DynamicObject {
  try {
    return applyConfiguration(live, applied, schema, application)
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== 'Conflict') throw error
    const own = ownPaths(text, schema)
    const causes = error.details?.causes ?? []
    if (!causes.every(({ field }) => field !== undefined && own.has(field))) throw error
    return applyConfiguration(live, applied, schema, { ...application, force: true })
  }
}

/** Of a text that is no object, nothing is kubectl's. */
function ownPaths(text: string, schema: ObjectSchema): ReadonlySet<string> {
  let object: unknown
  try {
    object = JSON.parse(text)
  } catch {
    return new Set()
  }
  return isRecord(object) ? new Set(pathsOf(fieldsOf(managedPart(object as DynamicObject), schema))) : new Set()
}

function withText(object: DynamicObject, applied: DynamicObject): DynamicObject {
  const { metadata, ...rest } = applied
  const { [lastApplied]: _text, ...annotations } = metadata?.annotations ?? {}
  const text = `${goJson({ ...rest, metadata: { ...metadata, annotations } })}\n`
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata?.annotations, [lastApplied]: text } },
  }
}
