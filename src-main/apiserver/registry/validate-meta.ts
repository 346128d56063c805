/** Rules for metadata that hold for every kind. */
import type { Kind } from '../../api/define-kind.ts'
import { forbidden, invalid, required, type FieldError } from '../../api/field-error.ts'
import { labelValueProblems, qualifiedNameProblems, subdomainName } from '../../api/meta/names.ts'
import type { ObjectMeta, OwnerReference } from '../../api/types/meta-v1.ts'

const annotationsLimitBytes = 256 * 1024

export function validateMeta(kind: Kind, meta: ObjectMeta): FieldError[] {
  return [
    ...validateName(kind, meta),
    ...validateLabels(meta.labels ?? {}),
    ...validateAnnotations(meta.annotations ?? {}),
    ...validateOwners(meta.ownerReferences ?? []),
    ...validateFinalizers(meta.finalizers ?? []),
  ]
}

function validateName(kind: Kind, { name = '', generateName = '' }: ObjectMeta): FieldError[] {
  const rule = kind.nameRule?.bind(kind) ?? subdomainName
  if (name === '') return [required('metadata.name', 'name or generateName is required')]
  return [
    ...(generateName === ''
      ? []
      : rule(generateName, true).map((problem) => invalid('metadata.generateName', generateName, problem))),
    ...rule(name, false).map((problem) => invalid('metadata.name', name, problem)),
  ]
}

function validateLabels(labels: Readonly<Record<string, string>>): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((problem) => invalid('metadata.labels', key, problem)),
    ...labelValueProblems(value).map((problem) => invalid('metadata.labels', value, problem)),
  ])
}

function validateAnnotations(annotations: Readonly<Record<string, string>>): FieldError[] {
  let bytes = 0
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
    for (const problem of qualifiedNameProblems(key.toLowerCase()))
      errors.push(invalid('metadata.annotations', key, problem))
  }
  if (bytes > annotationsLimitBytes)
    errors.push({
      type: 'FieldValueTooLong',
      path: 'metadata.annotations',
      detail: `may not be more than ${annotationsLimitBytes} bytes`,
    })
  return errors
}

function validateOwners(owners: readonly OwnerReference[]): FieldError[] {
  const path = 'metadata.ownerReferences'
  const errors = owners.flatMap(({ apiVersion, kind, name, uid }, index) => {
    const missing = Object.entries({ apiVersion, kind, name, uid }).filter(([, value]) => (value ?? '') === '')
    return missing.map(([field]) => invalid(`${path}[${index}].${field}`, '', 'must not be empty'))
  })
  const controllers = owners.filter(({ controller }) => controller === true)
  const [first, second] = controllers
  if (first === undefined || second === undefined) return errors
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`
  return [...errors, invalid(path, owners, detail)]
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const path = 'metadata.finalizers'
  const errors = finalizers.flatMap((finalizer) =>
    qualifiedNameProblems(finalizer).map((problem) => invalid(path, finalizer, problem)),
  )
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  return errors
}

/** What an update may not change. Fields that a client cannot set at all have been put back before. */
export function validateMetaUpdate(meta: ObjectMeta, previous: ObjectMeta): FieldError[] {
  const errors: FieldError[] = []
  if (previous.deletionTimestamp !== undefined) {
    const added = (meta.finalizers ?? []).filter((finalizer) => !previous.finalizers?.includes(finalizer))
    if (added.length > 0) {
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`
      errors.push(forbidden('metadata.finalizers', detail))
    }
  }
  return errors
}
