import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../field-error.ts'
import type { Condition } from '../types/meta-v1.ts'
import { validateConditions } from './validate-conditions.ts'

const good: Condition = {
  ...{ type: 'Ready', status: 'True', reason: 'AllFine', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
}
const problems = (...conditions: readonly object[]): string[] =>
  validateConditions(conditions as readonly Condition[], 'status.conditions').map(
    (error) => `${error.path.replace('status.conditions', '')} ${fieldErrorBody(error)}`,
  )

describe('conditions', () => {
  it('of the common form are fine', () => {
    expect(problems(good, { ...good, type: 'example.com/Fine', reason: 'A_b,C:d1', observedGeneration: 3 })).toEqual([])
  })

  it('have each type once', () => {
    expect(problems(good, good)).toEqual(['[1].type Duplicate value: "Ready"'])
  })

  it.each<[object, string]>([
    [{ status: 'Maybe' }, '.status Unsupported value: "Maybe": supported values: "False", "True", "Unknown"'],
    [{ observedGeneration: -1 }, '.observedGeneration Invalid value: -1: must be greater than or equal to zero'],
    [{ lastTransitionTime: undefined }, '.lastTransitionTime Required value: must be set'],
    [{ reason: '' }, '.reason Required value: must be set'],
    [
      { reason: '1st' },
      ".reason Invalid value: \"1st\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
    ],
    [{ reason: 'a'.repeat(1025) }, '.reason Too long: may not be more than 1024 bytes'],
    [{ message: 'ä'.repeat(16385) }, '.message Too long: may not be more than 32768 bytes'],
  ])('with %j are refused', (change, problem) => {
    expect(problems({ ...good, ...change })).toEqual([`[0]${problem}`])
  })
})
