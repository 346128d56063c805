import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { CronJob, CronJobSpec, CronJobStatus, Job } from '../../api/types/batch-v1.ts'
import { aTemplate } from '../test-objects.ts'
import { planCronJob } from './plan.ts'
import { nextAfter, parseSchedule, timeZone, utc } from '../../api/kinds/batch/schedule.ts'

const at = (text: string): number => Date.parse(text)
const now = at('2026-03-10T12:00:30Z')

const aCronJob = (spec: Partial<CronJobSpec> = {}, status: CronJobStatus = {}): Live<CronJob> => ({
  metadata: {
    name: 'backup',
    namespace: 'default',
    uid: 'cron',
    resourceVersion: '1',
    creationTimestamp: '2026-03-10T11:58:30Z',
  },
  spec: {
    schedule: '* * * * *',
    jobTemplate: { spec: { template: aTemplate() } },
    concurrencyPolicy: 'Allow',
    ...spec,
  },
  status,
})
const aJob = (name: string, end?: 'Complete' | 'Failed', startTime = '2026-03-10T11:00:00Z'): Live<Job> => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: startTime },
  status: {
    startTime,
    ...(end === undefined ? {} : { conditions: [{ type: end, status: 'True' }] }),
    ...(end === 'Complete' ? { completionTime: startTime } : {}),
  },
})
const plan = (cronJob: Live<CronJob>, jobs: Live<Job>[] = []) => planCronJob({ cronJob, jobs, nowMs: now })
const reasons = ({ events }: ReturnType<typeof plan>) => events.map(({ reason }) => reason)

describe('the schedule', () => {
  it.each([
    ['*/15 * * * *', '2026-03-10T12:15:00Z'],
    ['5,10 13-15 * * *', '2026-03-10T13:05:00Z'],
    ['0 0 1 * *', '2026-04-01T00:00:00Z'],
    ['0 9 * * MON-fri', '2026-03-11T09:00:00Z'],
    ['30 6 13 * fri', '2026-03-13T06:30:00Z'],
    ['0 0 29 feb *', '2028-02-29T00:00:00Z'],
    ['@daily', '2026-03-11T00:00:00Z'],
    ['@every 1h30m', '2026-03-10T13:30:30Z'],
  ])('%s fires next at %s', (text, expected) => {
    expect(nextAfter(parseSchedule(text), now, utc)).toBe(at(expected))
  })

  it('that never fires has no next time', () => {
    expect(nextAfter(parseSchedule('0 0 30 feb *'), now, utc)).toBeUndefined()
  })

  it.each(['', '* * * *', '60 * * * *', '5-1 * * * *', '*/0 * * * *', '* * * foo *', '@every soon'])(
    '%j is refused',
    (text) => {
      expect(() => parseSchedule(text)).toThrowError(expect.objectContaining({ code: 'InvalidSchedule' }))
    },
  )

  it('follows the clocks of its time zone, also over their changes', () => {
    const berlin = timeZone('Europe/Berlin')
    const daily = parseSchedule('30 2 * * *')
    expect(nextAfter(daily, at('2026-03-27T12:00:00Z'), berlin)).toBe(at('2026-03-28T01:30:00Z'))
    // On the 29th the clocks go from two to three: half past two does not exist.
    expect(nextAfter(daily, at('2026-03-28T12:00:00Z'), berlin)).toBe(at('2026-03-30T00:30:00Z'))
    expect(nextAfter(parseSchedule('0 0 * * *'), at('2026-03-29T12:00:00Z'), berlin)).toBe(at('2026-03-29T22:00:00Z'))
  })
})

describe('the CronJob plan', () => {
  it('starts the job of the latest time that is due, and comes back for the next', () => {
    const { create, status, requeueAfterMs } = plan(aCronJob())
    expect(create).toMatchObject({
      metadata: {
        name: `backup-${at('2026-03-10T12:00:00Z') / 60_000}`,
        annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-03-10T12:00:00Z' },
        ownerReferences: [{ kind: 'CronJob', name: 'backup', controller: true }],
      },
    })
    expect(status.lastScheduleTime).toBe('2026-03-10T12:00:00Z')
    expect(requeueAfterMs).toBe(30_000)
  })

  it('starts nothing twice', () => {
    expect(plan(aCronJob({}, { lastScheduleTime: '2026-03-10T12:00:00Z' })).create).toBeUndefined()
    expect(plan(aCronJob(), [aJob(`backup-${at('2026-03-10T12:00:00Z') / 60_000}`)]).create).toBeUndefined()
  })

  it('writes down the time of a job that was started without that', () => {
    const job = aJob(`backup-${at('2026-03-10T12:00:00Z') / 60_000}`, 'Complete')
    const { status, remove } = plan(aCronJob({ successfulJobsHistoryLimit: 0 }), [job])
    expect(status.lastScheduleTime).toBe('2026-03-10T12:00:00Z')
    expect(remove).toEqual([job])
  })

  it.each([
    ['Allow', true, 0],
    ['Forbid', false, 0],
    ['Replace', true, 1],
  ])('with %s while a job runs', (concurrencyPolicy, starts, removed) => {
    const active = [{ name: 'running', uid: 'uid-running' }]
    const { create, replace } = plan(aCronJob({ concurrencyPolicy }, { active }), [aJob('running')])
    expect(create !== undefined).toBe(starts)
    expect(replace).toHaveLength(removed)
  })

  it.each(['Forbid', 'Replace'])('with %s leaves a job alone that somebody made from it, and says so', (policy) => {
    const result = plan(aCronJob({ concurrencyPolicy: policy }), [aJob('by-hand')])
    expect(result.create).toBeDefined()
    expect(result.replace).toEqual([])
    expect(result.status.active).toBeUndefined()
    expect(result.events).toEqual([
      {
        type: 'Warning',
        reason: 'UnexpectedJob',
        message: 'Saw a job that the controller did not create or forgot: by-hand',
      },
    ])
  })

  it('takes on the job that it started before its status could name it', () => {
    const forTime = (time: string): Live<Job> => {
      const job = aJob(`backup-${at(time) / 60_000}`)
      job.metadata.annotations = { 'batch.kubernetes.io/cronjob-scheduled-timestamp': time }
      return job
    }
    expect(plan(aCronJob(), [forTime('2026-03-10T12:00:00Z')]).status).toMatchObject({
      active: [{ uid: `uid-backup-${at('2026-03-10T12:00:00Z') / 60_000}` }],
      lastScheduleTime: '2026-03-10T12:00:00Z',
    })
    const forgotten = forTime('2026-03-10T11:59:00Z')
    const later = plan(aCronJob({ concurrencyPolicy: 'Replace' }), [forgotten])
    expect(later.replace).toEqual([forgotten])
    expect(later.events).toEqual([])
  })

  it('lets a time pass whose starting deadline is over', () => {
    const spec = { schedule: '0 12 * * *', startingDeadlineSeconds: 10 }
    expect(plan(aCronJob(spec))).toMatchObject({ create: undefined, requeueAfterMs: 24 * 3_600_000 - 30_000 })
  })

  it('starts one job after a long stop, and says so', () => {
    const stopped = plan(aCronJob({}, { lastScheduleTime: '2025-03-10T12:00:00Z' }))
    expect(stopped.create).toBeDefined()
    expect(reasons(stopped)).toEqual(['TooManyMissedTimes'])
    const weekly = plan(aCronJob({ schedule: '0 0 * * 0' }, { lastScheduleTime: '2020-03-10T12:00:00Z' }))
    expect(weekly.status.lastScheduleTime).toBe('2026-03-08T00:00:00Z')
  })

  it('does nothing while it is suspended', () => {
    expect(plan(aCronJob({ suspend: true })).create).toBeUndefined()
  })

  it.each<[Partial<CronJobSpec>, string, string]>([
    [{ schedule: 'x' }, 'UnparseableSchedule', 'unparseable schedule: "x" : expected exactly 5 fields, found 1: [x]'],
    [{ timeZone: 'Moon/Base' }, 'UnknownTimeZone', 'invalid timeZone: "Moon/Base": unknown time zone Moon/Base'],
    [
      { schedule: '0 0 30 2 *' },
      'InvalidSchedule',
      'invalid schedule: 0 0 30 2 * : time difference between two schedules is less than 1 second',
    ],
  ])('of %j says that it cannot be followed', (spec, reason, message) => {
    const result = plan(aCronJob(spec))
    expect(result.events).toEqual([{ type: 'Warning', reason, message }])
    expect(result).toMatchObject({ create: undefined, requeueAfterMs: undefined })
  })

  it('keeps the newest finished jobs of each outcome', () => {
    const jobs = [
      aJob('a', 'Complete', '2026-03-10T08:00:00Z'),
      aJob('b', 'Complete', '2026-03-10T09:00:00Z'),
      aJob('c', 'Failed', '2026-03-10T10:00:00Z'),
    ]
    const limits = { suspend: true, successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1 }
    expect(plan(aCronJob(limits), jobs).remove.map(({ metadata }) => metadata.name)).toEqual(['a'])
  })

  it('takes stock of its jobs', () => {
    const active = [
      { name: 'done', uid: 'uid-done' },
      { name: 'lost', uid: 'uid-lost' },
      { name: 'runs', uid: 'uid-runs' },
    ]
    const result = plan(aCronJob({ suspend: true }, { active }), [aJob('done', 'Complete'), aJob('runs')])
    expect(reasons(result)).toEqual(['SawCompletedJob', 'MissingJob'])
    expect(result.status).toMatchObject({
      active: [{ kind: 'Job', name: 'runs', uid: 'uid-runs' }],
      lastSuccessfulTime: '2026-03-10T11:00:00Z',
    })
  })
})
