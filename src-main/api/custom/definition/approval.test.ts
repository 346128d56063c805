import { describe, expect, it } from 'vitest'
import type { CustomResourceDefinition } from '../../types/apiextensions-v1.ts'
import { approvalAnnotation, approvalCondition, validateApproval } from './approval.ts'
import { planDefinitionStatus } from './plan-status.ts'

const definition = (group: string, annotation?: string): CustomResourceDefinition => ({
  metadata: {
    name: `x.${group}`,
    ...(annotation === undefined ? {} : { annotations: { [approvalAnnotation]: annotation } }),
  },
  spec: { group, scope: 'Cluster', names: { plural: 'x', kind: 'X' }, versions: [] },
})

describe('the approval of an API', () => {
  it('is asked of nobody outside the groups of Kubernetes', () => {
    expect(validateApproval(definition('example.com'))).toEqual([])
    expect(approvalCondition(definition('example.com'))).toBeUndefined()
  })

  it.each([
    ['https://example.com/pull/1', 'True', 'ApprovedAnnotation', 'approved in https://example.com/pull/1', 0],
    ['unapproved, for tests', 'False', 'UnapprovedAnnotation', 'not approved: "unapproved, for tests"', 0],
    [
      '',
      'False',
      'MissingAnnotation',
      'protected groups must have approval annotation "api-approved.kubernetes.io"',
      1,
    ],
    ['yes', 'False', 'InvalidAnnotation', 'with either a URL or a reason starting with "unapproved"', 1],
  ])('%j is shown as a condition', (annotation, status, reason, message, problems) => {
    const approved = definition('gateway.networking.k8s.io', annotation)
    const condition = { type: 'KubernetesAPIApprovalPolicyConformant', status, reason }
    expect(approvalCondition(approved)).toMatchObject({ ...condition, message: expect.stringContaining(message) })
    expect(planDefinitionStatus(approved, [], '2030-01-01T00:00:00Z').conditions).toContainEqual(
      expect.objectContaining(condition),
    )
    expect(validateApproval(approved)).toHaveLength(problems)
  })
})
