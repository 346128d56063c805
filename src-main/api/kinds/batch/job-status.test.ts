import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import type { JobStatus } from '../../types/batch-v1.ts'
import { job } from './job.ts'

const problems = (status: JobStatus, before: JobStatus = {}): string[] =>
  (job.validateStatus?.({ status }, { status: before }) ?? []).map((error) => `${error.path}: ${fieldErrorBody(error)}`)
const when = (...types: string[]): JobStatus['conditions'] => types.map((type) => ({ type, status: 'True' }))
const [start, end] = ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z']
const complete = when('SuccessCriteriaMet', 'Complete')

describe('the status of a job', () => {
  it.each<[JobStatus, string[]]>([
    [{ active: 1, startTime: start, conditions: when('Custom') }, []],
    [{ startTime: start, completionTime: end, conditions: complete, succeeded: 1 }, []],
    [{ startTime: start, conditions: when('FailureTarget', 'Failed') }, []],
    [{ active: -1 }, ['status.active: Invalid value: -1: must be greater than or equal to 0']],
    [
      { uncountedTerminatedPods: { failed: ['a', 'a', ''] } },
      [
        'status.uncountedTerminatedPods.failed[1]: Duplicate value: "a"',
        'status.uncountedTerminatedPods.failed[2]: Invalid value: "": must not be empty',
      ],
    ],
    [
      { startTime: start, completionTime: end },
      [
        `status.completionTime: Invalid value: "${end}": cannot set completionTime when there is no Complete=True condition`,
      ],
    ],
    [
      { conditions: when('Complete'), active: 1 },
      [
        'status.completionTime: Required value: completionTime is required for Complete jobs',
        'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
        'status.active: Invalid value: 1: active>0 is invalid for finished job',
        'status.startTime: Required value: startTime is required for finished job',
      ],
    ],
    [
      { startTime: end, completionTime: start, conditions: complete },
      [`status.completionTime: Invalid value: "${start}": completionTime cannot be set before startTime`],
    ],
    [
      { startTime: start, conditions: when('Failed') },
      ['status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition'],
    ],
  ])('%o', (status, expected) => {
    expect(problems(status)).toEqual(expected)
  })

  it('lets what was odd before stay', () => {
    const odd = { conditions: when('Complete') }
    expect(problems({ ...odd, succeeded: 1 }, odd)).toEqual([])
  })
})
