import { describe, expect, it } from 'vitest'
import type { ValidatingAdmissionPolicyStatus } from '../../../api/types/admissionregistration-v1.ts'
import { startTestServer } from '../../../../test/support/api-server.ts'
import { until } from '../../../../test/support/until.ts'
import { aValidatingPolicy, validatingPolicyKind } from './policy-builders.ts'

async function statusOf(
  validations: { expression: string; messageExpression?: string }[],
): Promise<ValidatingAdmissionPolicyStatus> {
  const { client } = await startTestServer()
  await client.create(validatingPolicyKind, aValidatingPolicy({ validations }))
  return until('a status', async () => {
    const { status } = await client.get(validatingPolicyKind, { name: 'policy' })
    const found = status as ValidatingAdmissionPolicyStatus
    return found.observedGeneration === undefined ? undefined : found
  })
}

describe('the status of a validating admission policy', () => {
  it('says that its expressions fit the objects', async () => {
    expect(await statusOf([{ expression: 'object.spec.replicas > 1 && has(object.metadata.namespace)' }])).toEqual({
      ...{ observedGeneration: 1, typeChecking: {} },
    })
  })

  it('warns of what does not fit', async () => {
    const { typeChecking } = await statusOf([
      { expression: 'object.spec.replica > 1' },
      { expression: 'object.spec.replicas > "1"', messageExpression: 'object.spec.replicas' },
    ])
    const at = 'apps/v1, Kind=Deployment: '
    expect(typeChecking?.expressionWarnings).toEqual([
      {
        fieldRef: 'spec.validations[0].expression',
        warning: `${at}ERROR: <input>:1:12: undefined field 'replica'\n | object.spec.replica > 1\n | ...........^`,
      },
      {
        fieldRef: 'spec.validations[1].expression',
        warning: expect.stringContaining("found no matching overload for '_>_' applied to '(int, string)'") as string,
      },
      { fieldRef: 'spec.validations[1].messageExpression', warning: `${at}must evaluate to string` },
    ])
  })
})
