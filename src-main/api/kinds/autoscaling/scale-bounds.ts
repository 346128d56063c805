import { invalid, type FieldError } from '../../field-error.ts'
import { checkSegment } from '../../meta/field-checks.ts'

interface Reference {
  readonly apiVersion?: string
  readonly kind: string
  readonly name: string
}

interface Bounds {
  readonly minReplicas?: number
  readonly maxReplicas: number
  readonly scaleTargetRef: Reference
}

/** An object of some kind in the autoscaler's namespace. */
export function validateReference(reference: Partial<Reference> | undefined, path: string): FieldError[] {
  const { apiVersion = '', kind, name } = reference ?? {}
  const words = `unexpected GroupVersion string: ${apiVersion}`
  return [
    ...checkSegment(`${path}.kind`, kind),
    ...checkSegment(`${path}.name`, name),
    ...(apiVersion.split('/').length > 2 ? [invalid(`${path}.apiVersion`, apiVersion, words)] : []),
  ]
}

const noGroup = 'apiVersion must specify API group'

/** Of all that can be scaled only replication controllers are in the group without a name. */
function namesNoGroup({ apiVersion = '', kind = '' }: Partial<Reference> = {}): boolean {
  return (
    kind !== 'ReplicationController' &&
    apiVersion.split('/').length < 3 &&
    (apiVersion.split('/', 2)[1] === undefined || apiVersion.startsWith('/'))
  )
}

/** Whom an autoscaler scales must be named with its group, unless it was not before. */
export function validateGroup(spec: Bounds | undefined, before?: Bounds): FieldError[] {
  const { scaleTargetRef = {} }: { scaleTargetRef?: Partial<Reference> } = spec ?? {}
  const wasWithout = before !== undefined && namesNoGroup(before.scaleTargetRef)
  return wasWithout || !namesNoGroup(scaleTargetRef)
    ? []
    : [invalid('spec.scaleTargetRef.apiVersion', scaleTargetRef.apiVersion ?? '', noGroup)]
}

/** What both versions of an autoscaler must say: whom it scales, and how far. */
export function validateBounds(spec: Bounds | undefined): FieldError[] {
  const { minReplicas, maxReplicas = 0, scaleTargetRef } = spec ?? {}
  const errors: FieldError[] = []
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  }
  if (maxReplicas < 1) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'))
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  }
  return [...errors, ...validateReference(scaleTargetRef, 'spec.scaleTargetRef')]
}
