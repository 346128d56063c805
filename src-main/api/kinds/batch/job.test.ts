import { describe, expect, it } from 'vitest'
import type { CronJobSpec, Job, JobSpec, JobStatus } from '../../types/batch-v1.ts'
import { cronJob } from './cron-job.ts'
import { job } from './job.ts'

const now = Date.parse('2026-01-01T00:10:00Z')
const podSpec = { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] }

function aJob(spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job {
  const draft: Job = { metadata: { name: 'sum', uid: 'u1' }, spec: { template: { spec: podSpec }, ...spec } }
  job.defaults?.(draft)
  job.prepareCreate?.(draft)
  return { ...draft, status }
}

function cellsOf(object: Job): Record<string, unknown> {
  return Object.fromEntries((job.columns ?? []).map((column) => [column.name, column.cell(object, now)]))
}

describe('a job', () => {
  it('runs once and tries again six times', () => {
    expect(aJob().spec).toMatchObject({ completions: 1, parallelism: 1, backoffLimit: 6, completionMode: 'NonIndexed' })
    expect(aJob({ parallelism: 3 }).spec?.completions).toBeUndefined()
  })

  it('finds its pods by its uid', () => {
    const { spec } = aJob()
    expect(spec?.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } })
    expect(spec?.template.metadata?.labels).toMatchObject({
      'job-name': 'sum',
      'batch.kubernetes.io/controller-uid': 'u1',
    })
    expect(job.validate?.(aJob())).toEqual([])
  })

  it('must let its pods end', () => {
    const errors = job.validate?.(aJob({ template: { spec: { ...podSpec, restartPolicy: 'Always' } } })) ?? []
    expect(errors.map(({ path }) => path)).toEqual(['spec.template.spec.restartPolicy'])
  })

  it('keeps its template', () => {
    const other = aJob({ template: { spec: { ...podSpec, containers: [{ name: 'a', image: 'a:2' }] } } })
    expect(job.validateUpdate?.(other, aJob())?.map(({ path }) => path)).toEqual(['spec.template'])
  })

  it.each<[JobStatus, object]>([
    [{}, { Status: 'Running', Completions: '0/1', Duration: '' }],
    [{ startTime: '2026-01-01T00:09:30Z' }, { Duration: '30s' }],
    [
      {
        startTime: '2026-01-01T00:00:00Z',
        completionTime: '2026-01-01T00:00:05Z',
        succeeded: 1,
        conditions: [{ type: 'Complete', status: 'True' }],
      },
      { Status: 'Complete', Completions: '1/1', Duration: '5s' },
    ],
    [{ conditions: [{ type: 'Failed', status: 'True' }] }, { Status: 'Failed' }],
    [{ conditions: [{ type: 'Suspended', status: 'True' }] }, { Status: 'Suspended' }],
  ])('with the status %o shows %o', (status, cells) => expect(cellsOf(aJob({}, status))).toMatchObject(cells))

  it('without a count shows how many run at once', () => {
    expect(cellsOf(aJob({ parallelism: 3 })).Completions).toBe('0/1 of 3')
  })
})

describe('a cron job', () => {
  const errorsOf = (spec: Partial<CronJobSpec>, name = 'sum'): string[] => {
    const draft = {
      metadata: { name },
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: podSpec } } }, ...spec },
    }
    cronJob.defaults?.(draft)
    return [...(cronJob.validate?.(draft) ?? []), ...(cronJob.validateNew?.(draft) ?? [])].map(({ path }) => path)
  }

  it.each(['* * * * *', '*/5 0-3,7 1 jan mon-fri', '@hourly', '@every 1h'])('may run at %s', (schedule) => {
    expect(errorsOf({ schedule })).toEqual([])
  })

  it.each(['', '* * * *', '* * * * * *', '@sometimes', 'TZ=UTC * * * * *', '; * * * *'])(
    'may not run at %j',
    (schedule) => {
      expect(errorsOf({ schedule })).toEqual(['spec.schedule'])
    },
  )

  it('has a name that leaves room for a time', () => {
    expect(errorsOf({}, 'a'.repeat(52))).toEqual([])
    expect(errorsOf({}, 'a'.repeat(53))).toEqual(['metadata.name'])
  })
})
