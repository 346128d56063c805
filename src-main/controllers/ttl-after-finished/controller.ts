/** Deletes finished Jobs when their time is over (`ttlSecondsAfterFinished`). */
import { isReason } from '../../api/errors.ts'
import { job as jobKind } from '../../api/kinds/batch/job.ts'
import type { Job } from '../../api/types/batch-v1.ts'
import { runController } from '../../client/controller.ts'
import { watchOwn } from '../../client/controller-sources.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { finishedBy } from '../job/ending.ts'

/** Milliseconds until the job is to go, 0 when it is time; undefined: it stays, or has not finished. */
export function expiryInMs(job: Job, nowMs: number): number | undefined {
  const seconds = job.spec?.ttlSecondsAfterFinished
  const finished = finishedBy(job)?.lastTransitionTime
  if (seconds === undefined || finished === undefined) return undefined
  return Math.max(0, Date.parse(finished) + seconds * 1000 - nowMs)
}

export function startTtlAfterFinishedController(context: ControllerContext): Disposable {
  const { informers, client, clock, random, log, probe } = context
  const jobs = informers.of(jobKind)
  return runController({
    name: 'ttl-after-finished',
    kind: jobKind,
    sources: [watchOwn(jobs, (job) => expiryInMs(job, 0) !== undefined)],
    async reconcile(key, { cause }) {
      const job = jobs.lister.byKey(key)
      if (job === undefined || job.metadata.deletionTimestamp !== undefined) return undefined
      const leftMs = expiryInMs(job, clock.now())
      if (leftMs === undefined) return undefined
      if (leftMs > 0) return { requeueAfterMs: leftMs }
      const { name, namespace = '', uid, resourceVersion } = job.metadata
      const preconditions = { uid, resourceVersion }
      try {
        await client.delete(jobKind, { name, namespace }, { propagationPolicy: 'Foreground', preconditions, cause })
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
      return undefined
    },
    clock,
    random,
    log,
    probe,
  })
}
