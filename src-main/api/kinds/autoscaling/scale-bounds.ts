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
