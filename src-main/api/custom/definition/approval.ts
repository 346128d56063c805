/** Groups that Kubernetes keeps for itself: a CRD in one of them says who has approved its API. */
import { invalid, required, type FieldError } from '../../field-error.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../../types/apiextensions-v1.ts'

export const approvalAnnotation = 'api-approved.kubernetes.io'

const policy = 'see https://github.com/kubernetes/enhancements/pull/1111'

type Approval = 'missing' | 'approved' | 'bypassed' | 'invalid'

/** Undefined: the group is anybody's. */
function approvalOf({ metadata, spec }: CustomResourceDefinition): { state: Approval; value: string } | undefined {
  const group = spec.group ?? ''
  const isProtected = ['k8s.io', 'kubernetes.io'].some((one) => group === one || group.endsWith(`.${one}`))
  if (!isProtected) return undefined
  const value = metadata?.annotations?.[approvalAnnotation] ?? ''
  if (value === '') return { state: 'missing', value }
  if (value.startsWith('unapproved')) return { state: 'bypassed', value }
  return { state: (URL.parse(value)?.host ?? '') === '' ? 'invalid' : 'approved', value }
}

const missing = `protected groups must have approval annotation "${approvalAnnotation}", ${policy}`
const wrong = `protected groups must have approval annotation "${approvalAnnotation}" with either a URL or a reason starting with "unapproved", ${policy}`

export function validateApproval(definition: CustomResourceDefinition): FieldError[] {
  const path = `metadata.annotations[${approvalAnnotation}]`
  const { state, value } = approvalOf(definition) ?? {}
  if (state === 'missing') return [required(path, missing)]
  return state === 'invalid' ? [invalid(path, value, wrong)] : []
}

/** An approval that is as it was is let be, whatever it is. */
export const validateApprovalUpdate = (
  definition: CustomResourceDefinition,
  previous: CustomResourceDefinition,
): FieldError[] =>
  approvalOf(definition)?.state === approvalOf({ ...previous, spec: definition.spec })?.state
    ? []
    : validateApproval(definition)

/** Undefined: the group needs no approval. */
export function approvalCondition(definition: CustomResourceDefinition): CustomResourceDefinitionCondition | undefined {
  const approval = approvalOf(definition)
  if (approval === undefined) return undefined
  const { state, value } = approval
  const type = 'KubernetesAPIApprovalPolicyConformant'
  switch (state) {
    case 'approved':
      return { type, status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${value}` }
    case 'bypassed':
      return {
        ...{ type, status: 'False', reason: 'UnapprovedAnnotation' },
        message: `not approved: ${JSON.stringify(value)}`,
      }
    case 'missing':
      return { type, status: 'False', reason: 'MissingAnnotation', message: missing }
    case 'invalid':
      return { type, status: 'False', reason: 'InvalidAnnotation', message: wrong }
  }
}
