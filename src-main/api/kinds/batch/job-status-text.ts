import { isConditionTrue } from '../../meta/conditions.ts'
import { humanDuration } from '../../meta/duration.ts'
import type { Job } from '../../types/batch-v1.ts'

/** The condition that says most of how a job is, from the one that ends it to the ones on the way. */
export function jobStatus({ metadata, status }: Job): string {
  const holds = (type: string): boolean => isConditionTrue(status?.conditions, type)
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (metadata?.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running'
}

export function jobCompletions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  const parallelism = spec?.parallelism ?? 0
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

/** From its start to its end, or to now. */
export function jobDuration({ status }: Job, nowUnixMs: number): string {
  if (status?.startTime === undefined) return ''
  const end = status.completionTime === undefined ? nowUnixMs : Date.parse(status.completionTime)
  return humanDuration(end - Date.parse(status.startTime))
}
