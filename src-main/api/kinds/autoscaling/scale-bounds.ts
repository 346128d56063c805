import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkRequired } from '../../meta/field-checks.ts'

interface Bounds {
  readonly minReplicas?: number
  readonly maxReplicas: number
  readonly scaleTargetRef: { readonly kind: string; readonly name: string }
}

/** What both versions of an autoscaler must say: whom it scales, and how far. */
export function validateBounds(spec: Bounds | undefined): FieldError[] {
  if (spec === undefined) return [required('spec.scaleTargetRef.kind'), required('spec.scaleTargetRef.name')]
  const { minReplicas, maxReplicas = 0, scaleTargetRef } = spec
  const errors = [
    ...checkRequired('spec.scaleTargetRef.kind', scaleTargetRef?.kind),
    ...checkRequired('spec.scaleTargetRef.name', scaleTargetRef?.name),
  ]
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  }
  if (maxReplicas < 1) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'))
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  }
  return errors
}
