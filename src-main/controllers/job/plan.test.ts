import { describe, expect, it } from 'vitest'
import { job as jobKind } from '../../api/kinds/batch/job.ts'
import type { Kind } from '../../api/define-kind.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Job, JobSpec, JobStatus } from '../../api/types/batch-v1.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { ago, aPod, aTemplate, nowMs } from '../test-objects.ts'
import { expiryInMs } from '../ttl-after-finished/controller.ts'
import { formatIndexes, parseIndexes } from './indexes.ts'
import { historyOf, jobPod, trackingFinalizer } from './job-pod.ts'
import { planJob } from './plan.ts'

const aJob = (spec: Partial<JobSpec> = {}, status: JobStatus = {}): Live<Job> => ({
  metadata: {
    name: 'work',
    namespace: 'default',
    uid: 'job',
    resourceVersion: '1',
    creationTimestamp: ago(99),
    generation: 1,
  },
  spec: {
    template: aTemplate(),
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    podReplacementPolicy: 'TerminatingOrFailed',
    ...spec,
  },
  status: { startTime: ago(60), ...status },
})

interface PodFacts {
  phase?: string
  index?: number
  /** Failures of the index before this pod. */
  before?: number
  endedAgo?: number
  exitCode?: number
  free?: boolean
  going?: boolean
}
const owner = { object: aJob(), kind: jobKind as unknown as Kind }
function member(name: string, facts: PodFacts = {}): Live<Pod> {
  const { phase = 'Running', index, before, endedAgo = 1000, exitCode = 1, free = false, going = false } = facts
  const annotations = {
    ...(index === undefined ? {} : { 'batch.kubernetes.io/job-completion-index': String(index) }),
    ...(before === undefined ? {} : { 'batch.kubernetes.io/job-index-failure-count': String(before) }),
  }
  const terminated = { exitCode, finishedAt: ago(endedAgo) }
  const ended = phase === 'Failed' || phase === 'Succeeded'
  const container = { name: 'web', image: '', imageID: '', ready: false, restartCount: 0 }
  return aPod(name, {
    owner,
    metadata: {
      annotations,
      ...(free ? {} : { finalizers: [trackingFinalizer] }),
      ...(going ? { deletionTimestamp: ago(1) } : {}),
    },
    status: { phase, containerStatuses: ended ? [{ ...container, state: { terminated } }] : [] },
  })
}

const plan = (job: Live<Job>, pods: Live<Pod>[] = []) => planJob({ job, pods, nowMs })
const names = (pods: readonly Live<Pod>[]) => pods.map(({ metadata }) => metadata.name)
const conditions = (status: JobStatus) =>
  (status.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is} ${reason}`)

/** Runs plans with the world following them, until one asks for nothing more. */
function rest(job: Live<Job>, pods: Live<Pod>[]): JobStatus {
  let current = job
  let remaining = pods
  for (let round = 0; round < 10; round++) {
    const { status, remove, release } = plan(current, remaining)
    const same = JSON.stringify(status) === JSON.stringify(current.status)
    if (same && remove.length + release.length === 0) return status
    current = { ...current, status }
    const freed = new Set(names(release))
    remaining = remaining
      .filter((pod) => !remove.includes(pod))
      .map((pod) => (freed.has(pod.metadata.name) ? { ...pod, metadata: { ...pod.metadata, finalizers: [] } } : pod))
  }
  throw new Error('the plan does not come to rest')
}

describe('the pods of a Job', () => {
  it('are as many at once as the parallelism says, and no more than are still needed', () => {
    const job = aJob({ parallelism: 3, completions: 5 }, { succeeded: 3 })
    expect(plan(job).create).toHaveLength(2)
    expect(plan(job, [member('a')]).create).toHaveLength(1)
    expect(names(plan(job, [member('a'), member('b'), member('c')]).remove)).toHaveLength(1)
  })

  it('without a number of completions, end with the first success', () => {
    const { completions: _, ...spec } = aJob().spec!
    const job = { ...aJob(), spec: { ...spec, parallelism: 3 } }
    const pods = [member('a', { phase: 'Succeeded' }), member('b')]
    expect(plan(job, pods)).toMatchObject({ create: [], remove: [] })
    expect(conditions(rest(job, [member('a', { phase: 'Succeeded' })]))).toContain('Complete=True CompletionsReached')
  })

  it('are not replaced while they stop, when only failed ones are', () => {
    const going = member('a', { going: true })
    expect(plan(aJob({ podReplacementPolicy: 'Failed' }), [going]).create).toEqual([])
    expect(
      plan(aJob(), [
        { ...going, metadata: { ...going.metadata, creationTimestamp: ago(2), deletionTimestamp: ago(99) } },
      ]).create,
    ).toHaveLength(1)
  })

  it('are replaced after a pause that doubles with each failure in a row', () => {
    const failed = (name: string, endedAgo: number) => member(name, { phase: 'Failed', endedAgo })
    expect(plan(aJob(), [failed('a', 4)])).toMatchObject({ create: [], requeueAfterMs: 6000 })
    expect(plan(aJob(), [failed('a', 40), failed('b', 4)])).toMatchObject({ create: [], requeueAfterMs: 16_000 })
    expect(plan(aJob(), [failed('a', 40), failed('b', 21)]).create).toHaveLength(1)
  })

  it('of an indexed job take the lowest indexes that are free, one each', () => {
    const job = aJob({ completionMode: 'Indexed', parallelism: 3, completions: 5 }, { completedIndexes: '1' })
    const pods = [
      member('a', { index: 0 }),
      member('twin', { index: 0, phase: 'Pending' }),
      member('far', { index: 9 }),
    ]
    const { create, remove } = plan(job, pods)
    expect(create).toEqual([])
    expect(names(remove)).toEqual(['twin', 'far'])
    expect(plan(job, pods.slice(0, 1)).create).toEqual([{ index: 2 }, { index: 3 }])
  })

  it('are told as they will be once they have been created or removed', () => {
    expect(plan(aJob({ parallelism: 2, completions: 5 })).settled).toEqual({ active: 2, ready: 0, terminating: 0 })
    const many = [member('a'), member('b'), member('c', { going: true })]
    expect(plan(aJob({ podReplacementPolicy: 'Failed' }), many).settled).toMatchObject({ active: 1, terminating: 2 })
  })

  it('that are too many are nobody’s failures', () => {
    const job = aJob({ completions: 1 }, { succeeded: 1 })
    const { remove, uncounted, status } = plan(job, [member('a')])
    expect([names(remove), uncounted, status.conditions]).toEqual([['a'], true, undefined])
    expect(conditions(rest(job, [member('a')]))).toContain('Complete=True CompletionsReached')
    expect(rest(job, [member('a')]).failed).toBeUndefined()
  })

  it('carry their index, and what came before them', () => {
    const pod = jobPod(aJob({ completionMode: 'Indexed' }), { index: 3, history: { failures: 2, ignored: 0 } })
    expect(pod).toMatchObject({
      metadata: {
        generateName: 'work-3-',
        finalizers: [trackingFinalizer],
        labels: { 'batch.kubernetes.io/job-completion-index': '3' },
      },
      spec: { hostname: 'work-3', containers: [{ env: [{ name: 'JOB_COMPLETION_INDEX' }] }] },
    })
    expect(pod.spec?.containers[0]?.env?.[0]?.valueFrom?.fieldRef?.fieldPath).toBe(
      "metadata.labels['batch.kubernetes.io/job-completion-index']",
    )
    expect(historyOf(pod)).toEqual({ failures: 2, ignored: 0 })
  })
})

describe('the count of a Job', () => {
  it('first names a pod that ended, then lets it go, then counts it', () => {
    const job = aJob({ completions: 2, parallelism: 2 })
    const ended = member('a', { phase: 'Succeeded' })
    const first = plan(job, [ended, member('b')])
    expect(first.status.uncountedTerminatedPods).toEqual({ succeeded: ['uid-a'] })
    expect(first.status.succeeded).toBeUndefined()
    expect(names(first.release)).toEqual(['a'])
    const second = plan({ ...job, status: first.status }, [
      member('a', { phase: 'Succeeded', free: true }),
      member('b'),
    ])
    expect(second.status).toMatchObject({ succeeded: 1, uncountedTerminatedPods: {}, active: 1 })
  })

  it('counts a pod once, also when it vanishes between two rounds', () => {
    const status = { uncountedTerminatedPods: { failed: ['uid-a'] } }
    expect(plan(aJob({}, status), []).status).toMatchObject({ failed: 1, uncountedTerminatedPods: {} })
  })
})

describe('the end of a Job', () => {
  it('is complete when enough pods have succeeded', () => {
    const status = rest(aJob(), [member('a', { phase: 'Succeeded' })])
    expect(conditions(status)).toEqual([
      'SuccessCriteriaMet=True CompletionsReached',
      'Complete=True CompletionsReached',
    ])
    expect(status).toMatchObject({ succeeded: 1, active: 0, completionTime: expect.any(String) })
  })

  it('is a failure when too many have failed, and comes only after the others are gone', () => {
    const pods = [member('a', { phase: 'Failed' }), member('b')]
    const job = aJob({ backoffLimit: 0, parallelism: 2, completions: 2 })
    const first = plan(job, pods)
    expect(names(first.remove)).toEqual(['b'])
    expect(conditions(first.status)).toEqual(['FailureTarget=True BackoffLimitExceeded'])
    expect(conditions(rest(job, pods))).toContain('Failed=True BackoffLimitExceeded')
  })

  it('counts restarts in place when pods restart on failure', () => {
    const template = aTemplate()
    const onFailure = { ...template, spec: { containers: [], ...template.spec, restartPolicy: 'OnFailure' } }
    const pod = member('a')
    pod.status!.containerStatuses = [{ name: 'web', image: '', imageID: '', ready: false, restartCount: 2 }]
    expect(conditions(plan(aJob({ template: onFailure, backoffLimit: 2 }), [pod]).status)).toHaveLength(1)
    expect(conditions(plan(aJob({ template: onFailure, backoffLimit: 3 }), [pod]).status)).toEqual([])
  })

  it('is a failure when its time is over', () => {
    expect(plan(aJob({ activeDeadlineSeconds: 90 }), [member('a')]).requeueAfterMs).toBe(30_000)
    expect(conditions(rest(aJob({ activeDeadlineSeconds: 60 }), [member('a')]))).toContain(
      'Failed=True DeadlineExceeded',
    )
  })

  it.each([
    ['FailJob', 'Failed=True PodFailurePolicy'],
    ['Ignore', undefined],
    ['Count', 'Failed=True BackoffLimitExceeded'],
  ])('follows the failure policy: %s', (action, expected) => {
    const rules = [{ action, onExitCodes: { operator: 'In', values: [42] } }]
    const job = aJob({ backoffLimit: 0, podFailurePolicy: { rules }, podReplacementPolicy: 'Failed' })
    const status = rest(job, [member('a', { phase: 'Failed', exitCode: 42 })])
    expect(conditions(status).at(-1)).toBe(expected)
  })

  it('comes early when the success policy holds', () => {
    const successPolicy = { rules: [{ succeededIndexes: '0-1' }, { succeededCount: 3 }] }
    const job = aJob(
      { completionMode: 'Indexed', completions: 9, parallelism: 9, successPolicy },
      { completedIndexes: '0,1' },
    )
    expect(conditions(rest(job, [member('a', { index: 5 })]))).toContain('Complete=True SuccessPolicy')
  })
})

describe('a Job with a backoff limit for each index', () => {
  const spec = {
    completionMode: 'Indexed',
    completions: 2,
    parallelism: 2,
    backoffLimitPerIndex: 1,
    backoffLimit: 2_147_483_647,
  }

  it('tries an index again, and remembers how often it failed', () => {
    const { create, release } = plan(aJob(spec), [
      member('a', { index: 0, before: 0, phase: 'Failed' }),
      member('b', { index: 1 }),
    ])
    expect(create).toEqual([{ index: 0, history: { failures: 1, ignored: 0 } }])
    expect(release).toEqual([])
  })

  it('gives an index up when it has failed too often, and goes on with the others', () => {
    const pods = [member('a', { index: 0, before: 1, phase: 'Failed' }), member('b', { index: 1 })]
    const { create, status } = plan(aJob(spec), pods)
    expect(create).toEqual([])
    expect(status.failedIndexes).toBe('0')
    expect(conditions(status)).toEqual([])
  })

  it('fails when the last index is done and one has failed, or too many have', () => {
    const pods = [member('a', { index: 0, before: 1, phase: 'Failed' }), member('b', { index: 1, phase: 'Succeeded' })]
    const status = rest(aJob(spec), pods)
    expect(conditions(status)).toContain('Failed=True FailedIndexes')
    expect(status).toMatchObject({ failed: 1, succeeded: 1, completedIndexes: '1', failedIndexes: '0' })
    const strict = aJob({ ...spec, maxFailedIndexes: 0 })
    expect(conditions(rest(strict, [pods[0]!, member('b', { index: 1 })]))).toContain(
      'Failed=True MaxFailedIndexesExceeded',
    )
  })
})

describe('a Job that ends', () => {
  const left = (job: Live<Job>, pods: Live<Pod>[]) => {
    const { release, remove, uncounted, status } = plan(job, pods)
    return [names(remove), names(release), uncounted, status.uncountedTerminatedPods?.failed ?? []]
  }
  const going = member('b', { going: true })

  it('counts its last pods as failures when it fails, and lets all go', () => {
    const late = aJob({ activeDeadlineSeconds: 1, podReplacementPolicy: 'Failed' })
    const uids = [member('a'), going].map(({ metadata }) => metadata.uid)
    expect(left(late, [member('a'), going])).toEqual([['a'], ['a', 'b'], false, uids])
  })

  it('does not count them when its success policy holds', () => {
    const successPolicy = { rules: [{ succeededIndexes: '0' }] }
    const job = aJob({ completionMode: 'Indexed', completions: 2, parallelism: 2, successPolicy })
    const pods = [member('a', { phase: 'Succeeded', index: 0 }), member('b', { index: 1 })]
    expect(left(job, pods)).toEqual([['b'], ['a', 'b'], false, []])
  })

  it('says when more have succeeded than it needs', () => {
    const { events } = plan(aJob({ completions: 1 }, { succeeded: 2 }))
    expect(events.map(({ reason }) => reason)).toEqual(['TooManySucceededPods', 'Completed'])
  })

  it('names five hundred pods at once at most', () => {
    const job = aJob({ completions: 900, parallelism: 900 })
    const pods = Array.from({ length: 600 }, (_, index) => member(`p${index}`, { phase: 'Succeeded' }))
    const { status, release } = plan(job, pods)
    expect([status.uncountedTerminatedPods?.succeeded?.length, release.length]).toEqual([500, 500])
  })
})

describe('a suspended Job', () => {
  it('does not fail by the pods that it gives up', () => {
    expect(plan(aJob({ suspend: true }), [member('a')]).uncounted).toBe(true)
    const freed = member('a', { going: true, free: true })
    expect(plan(aJob({ suspend: true, backoffLimit: 0 }), [freed]).status).not.toHaveProperty('failed')
  })

  it('has no pods, and starts its clock anew when it goes on', () => {
    const suspended = plan(aJob({ suspend: true }), [member('a')])
    expect(names(suspended.remove)).toEqual(['a'])
    expect(suspended.events.map(({ reason }) => reason)).toEqual(['Suspended'])
    const resumed = plan(aJob({}, suspended.status))
    expect(resumed.create).toHaveLength(1)
    expect(conditions(resumed.status)).toEqual(['Suspended=False JobResumed'])
    expect(Date.parse(resumed.status.startTime!)).toBe(nowMs)
  })
})

describe('a finished Job', () => {
  const conditionsOf = (seconds: number) => [{ type: 'Complete', status: 'True', lastTransitionTime: ago(seconds) }]

  it('lets all its pods go', () => {
    expect(
      names(plan(aJob({}, { conditions: conditionsOf(9) }), [member('a'), member('b', { free: true })]).release),
    ).toEqual(['a'])
  })

  it('expires so many seconds after its end', () => {
    expect(expiryInMs(aJob({ ttlSecondsAfterFinished: 30 }, { conditions: conditionsOf(10) }), nowMs)).toBe(20_000)
    expect(expiryInMs(aJob({ ttlSecondsAfterFinished: 30 }), nowMs)).toBeUndefined()
  })
})

describe('completion indexes', () => {
  it.each([
    ['', []],
    ['0', [0]],
    ['0,1', [0, 1]],
    ['0-2,5,7-9', [0, 1, 2, 5, 7, 8, 9]],
  ])('%j', (text, indexes) => {
    expect([...parseIndexes(text, 100)]).toEqual(indexes)
    expect(formatIndexes(new Set(indexes))).toBe(text)
  })
})
