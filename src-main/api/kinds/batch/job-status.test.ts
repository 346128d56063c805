import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import type { JobSpec, JobStatus } from '../../types/batch-v1.ts'
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

  const ran = (spec: Partial<JobSpec>, status: JobStatus, before: JobStatus = {}): string[] =>
    (job.validateStatus?.({ spec: spec as JobSpec, status }, { status: before }) ?? []).map(
      (error) => `${error.path}: ${fieldErrorBody(error)}`,
    )
  const indexed = { completionMode: 'Indexed', completions: 5, parallelism: 2, backoffLimitPerIndex: 1 }
  it.each<[string, Partial<JobSpec>, JobStatus, JobStatus, string[]]>([
    [
      'counts no pod twice',
      {},
      { uncountedTerminatedPods: { succeeded: ['a'], failed: ['a'] } },
      {},
      ['status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"'],
    ],
    [
      'names indexes that there are',
      indexed,
      { completedIndexes: '3,2', failedIndexes: '5' },
      {},
      [
        'status.completedIndexes: Invalid value: "3,2": error parsing completedIndexes: non-increasing order, previous: 3, current: 2',
        'status.failedIndexes: Invalid value: "5": error parsing failedIndexes: too large index: "5"',
      ],
    ],
    [
      'lets no index both succeed and fail',
      indexed,
      { completedIndexes: '0,2-4', failedIndexes: '1,3' },
      {},
      ['status.failedIndexes: Invalid value: "1,3": failedIndexes and completedIndexes overlap at index: 3'],
    ],
    [
      'has no indexes unless it is indexed',
      { completions: 5 },
      { completedIndexes: '1', failedIndexes: '2' },
      {},
      [
        'status.completedIndexes: Invalid value: "1": cannot set non-empty completedIndexes when non-indexed completion mode',
        'status.failedIndexes: Invalid value: "2": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ],
    ],
    [
      'has no more pods ready than there are',
      {},
      { ready: 2, active: 1 },
      {},
      ['status.ready: Invalid value: 2: cannot set more ready pods than active'],
    ],
    [
      'ends with its last pod',
      {},
      { startTime: start, terminating: 1, conditions: when('FailureTarget', 'Failed') },
      {},
      ['status.terminating: Invalid value: 1: terminating>0 is invalid for finished job'],
    ],
    [
      'does not succeed and fail',
      {},
      { conditions: when('SuccessCriteriaMet', 'FailureTarget') },
      {},
      ['status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
    ],
    [
      'stays at its end',
      {},
      { startTime: start, failed: 1 },
      { startTime: start, failed: 2, succeeded: 1, conditions: when('FailureTarget') },
      [
        'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition',
        'status.failed: Invalid value: 1: cannot decrease the failed counter',
        'status.succeeded: Invalid value: 0: cannot decrease the succeeded counter',
      ],
    ],
    ['may shrink', { ...indexed, parallelism: 5 }, { succeeded: 1 }, { succeeded: 2 }, []],
    [
      'began once',
      {},
      { startTime: end },
      { startTime: start },
      ['status.startTime: Required value: startTime cannot be removed for unsuspended job'],
    ],
    ['begins anew when it goes on', {}, { startTime: end }, { startTime: start, conditions: when('Suspended') }, []],
    ['has not begun while it is suspended', { suspend: true }, {}, { startTime: start }, []],
    [
      'ended once',
      {},
      { startTime: start, completionTime: '2026-01-01T00:02:00Z', conditions: complete },
      { startTime: start, completionTime: end, conditions: complete },
      ['status.completionTime: Invalid value: "2026-01-01T00:02:00Z": completionTime cannot be mutated'],
    ],
    [
      'ends without having begun when it has nothing to do',
      { suspend: true, completions: 0 },
      { completionTime: end, conditions: complete },
      {},
      [],
    ],
  ])('%s', (_case, spec, status, before, expected) => {
    expect(ran(spec, status, before)).toEqual(expected)
  })

  it('lets what was odd before stay', () => {
    const odd = { conditions: when('Complete') }
    expect(problems({ ...odd, succeeded: 1 }, odd)).toEqual([])
  })
})
