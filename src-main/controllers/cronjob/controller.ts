/** Starts jobs on a schedule. */
import { isReason } from '../../api/errors.ts'
import { cronJob as cronJobKind } from '../../api/kinds/batch/cron-job.ts'
import { job as jobKind } from '../../api/kinds/batch/job.ts'
import type { Live } from '../../api/meta/object.ts'
import { stableText } from '../../api/meta/pod.ts'
import { isControlledBy } from '../../api/meta/owner-references.ts'
import type { CronJob, Job } from '../../api/types/batch-v1.ts'
import { runController, type ReconcileContext, type ReconcileResult } from '../../client/controller.ts'
import { watchOwn, watchOwned } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import { controlledBy, indexByController } from '../claims.ts'
import type { ControllerContext } from '../context.ts'
import { isNamespaceTerminating } from '../pod-control.ts'
import { planCronJob, referenceTo, strangersOf, type CronJobEvent, type CronJobPlan } from './plan.ts'

interface Parts {
  readonly context: ControllerContext
  readonly cronJobs: Informer<CronJob>
  readonly jobs: Informer<Job>
}

type Cause = ReconcileContext['cause']

export function startCronJobController(context: ControllerContext): Disposable {
  const { informers, clock, random, log, probe } = context
  const parts = {
    context,
    cronJobs: informers.of(cronJobKind),
    jobs: indexByController(informers.of(jobKind)),
  }
  return runController({
    name: 'cronjob',
    kind: cronJobKind,
    sources: [watchOwn(parts.cronJobs), watchOwned(parts.jobs, cronJobKind)],
    workers: 5,
    reconcile: (key, reconcile) => reconcileCronJob(parts, key, reconcile),
    clock,
    random,
    log,
    probe,
  })
}

async function reconcileCronJob(parts: Parts, key: string, { cause }: ReconcileContext): Promise<ReconcileResult> {
  const { context, cronJobs, jobs } = parts
  const cached = cronJobs.lister.byKey(key)
  if (cached === undefined) return undefined
  const owned = controlledBy(jobs, cached.metadata.uid)
  const cronJob = await upToDate(parts, cached, owned)
  if (cronJob === undefined) return undefined
  const plan = planCronJob({ cronJob, jobs: owned, nowMs: context.clock.now() })
  for (const job of plan.replace) await removeJob(parts, cronJob, job, cause)
  const created = plan.create === undefined ? undefined : await createJob(parts, cronJob, plan.create, cause)
  await writeStatus(parts, cronJob, plan, created, cause)
  for (const job of plan.remove) await removeJob(parts, cronJob, job, cause)
  return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: Math.max(1, plan.requeueAfterMs) }
}

/** The cache may not show yet that the status names a job that is there: before that is called strange, it is asked for. */
async function upToDate(
  { context }: Parts,
  cached: Live<CronJob>,
  owned: readonly Live<Job>[],
): Promise<Live<CronJob> | undefined> {
  if (strangersOf(cached, owned).length === 0) return cached
  const { name, namespace = '', uid } = cached.metadata
  try {
    const live = await context.client.get(cronJobKind, { name, namespace })
    return live.metadata.uid === uid ? live : undefined
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

function report({ context }: Parts, cronJob: Live<CronJob>, { type, reason, message }: CronJobEvent): void {
  const about = { ...cronJob, apiVersion: cronJobKind.apiVersion, kind: cronJobKind.kind }
  context.events.event(about, type, reason, message)
}

/** The job's name follows from its time: one that is there already was started for it before. */
async function createJob(
  parts: Parts,
  cronJob: Live<CronJob>,
  wanted: Job,
  cause: Cause,
): Promise<Live<Job> | undefined> {
  const { client } = parts.context
  try {
    const made = await client.create(jobKind, wanted, { cause })
    report(parts, cronJob, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${made.metadata.name}` })
    return made
  } catch (error) {
    if (isNamespaceTerminating(error)) return undefined
    if (isReason(error, 'AlreadyExists')) {
      const { name = '', namespace = '' } = wanted.metadata ?? {}
      const there = await client.get(jobKind, { name, namespace })
      // Somebody else's job has the name: this time cannot be served.
      return isControlledBy(there, cronJob) ? there : undefined
    }
    report(parts, cronJob, {
      type: 'Warning',
      reason: 'FailedCreate',
      message: `Error creating job: ${describeError(error)}`,
    })
    throw error
  }
}

async function removeJob(parts: Parts, cronJob: Live<CronJob>, job: Live<Job>, cause: Cause): Promise<void> {
  const { name, namespace = '', uid } = job.metadata
  try {
    const options = { propagationPolicy: 'Background', preconditions: { uid }, cause } as const
    await parts.context.client.delete(jobKind, { name, namespace }, options)
    report(parts, cronJob, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${name}` })
  } catch (error) {
    // What could not be removed still runs: no other may be started beside it.
    if (!isReason(error, 'NotFound')) throw error
  }
}

async function writeStatus(
  parts: Parts,
  cronJob: Live<CronJob>,
  plan: CronJobPlan,
  created: Live<Job> | undefined,
  cause: Cause,
): Promise<void> {
  const active = [...(plan.status.active ?? []), ...(created === undefined ? [] : [referenceTo(created)])]
  const status = { ...plan.status, ...(active.length === 0 ? {} : { active }) }
  if (differs(status, cronJob.status ?? {}))
    await parts.context.client.update(cronJobKind, { ...cronJob, status }, { subresource: 'status', cause })
  for (const event of plan.events) report(parts, cronJob, event)
}

/** The resource versions of active jobs change with every step of theirs, which is no news. */
function differs(status: CronJobPlan['status'], before: CronJobPlan['status']): boolean {
  const meaning = ({ active = [], ...rest }: CronJobPlan['status']): string =>
    stableText([rest, active.map(({ uid }) => uid ?? '').sort()])
  return meaning(status) !== meaning(before)
}
