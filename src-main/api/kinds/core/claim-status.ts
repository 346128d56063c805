import { invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { problemsAt } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import { parseQuantity, wholeValue } from '../../meta/quantity.ts'
import type { PersistentVolumeClaim } from '../../types/core-v1.ts'

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
]

/** What is said of a claim: what it has, and how far it has grown (KEP-1790). */
export function validateClaimStatus({ spec, status = {} }: PersistentVolumeClaim): FieldError[] {
  const states = 'status.allocatedResourceStatus'
  const allocated = 'status.allocatedResources'
  return [
    ...((spec?.accessModes ?? []).length === 0 ? [required('Spec.accessModes')] : []),
    ...Object.entries(status.capacity ?? {}).flatMap(([name, amount]) =>
      checkAmount(`status.capacity[${name}]`, amount),
    ),
    ...Object.entries(status.allocatedResourceStatuses ?? {}).flatMap(([name, state]) => [
      ...checkResource(states, name),
      ...(resizeStates.includes(state) ? [] : [notSupported(states, name, resizeStates)]),
    ]),
    ...Object.entries(status.allocatedResources ?? {}).flatMap(([name, amount]) => {
      const errors = checkResource(allocated, name)
      return errors.length > 0 ? errors : checkAmount(`${allocated}[${name}]`, amount)
    }),
  ]
}

function checkAmount(path: string, text: string): FieldError[] {
  const amount = parseQuantity(text)
  return amount.nano < 0n ? [invalid(path, wholeValue(amount), 'must be a valid resource quantity')] : []
}

/** Of Kubernetes' own resources a claim has storage alone. */
function checkResource(path: string, name: string): FieldError[] {
  const problems = qualifiedNameProblems(name)
  if (problems.length > 0) return problemsAt(path, name, problems)
  const isNative = !name.includes('/') || name.includes('kubernetes.io/')
  return isNative && name !== 'storage' ? [notSupported(path, name, ['storage'])] : []
}
