/** How a row of equal actions ended; `error` is the first failure. */
export interface SlowStartResult {
  readonly succeeded: number
  /** Actions that were not tried after the failure. */
  readonly skipped: number
  readonly error: unknown
}

/**
 * Runs an action `count` times in batches of 1, 2, 4 and so on, and stops after a batch with a failure: what cannot
 * work fails once or a few times, not five hundred times.
 */
export async function slowStart(count: number, action: (index: number) => Promise<void>): Promise<SlowStartResult> {
  let started = 0
  let succeeded = 0
  for (let size = 1; started < count; size *= 2) {
    const batch = Array.from({ length: Math.min(size, count - started) }, (_, index) => started + index)
    started += batch.length
    const results = await Promise.allSettled(batch.map(action))
    succeeded += results.filter(({ status }) => status === 'fulfilled').length
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) return { succeeded, skipped: count - started, error: failed.reason }
  }
  return { succeeded, skipped: 0, error: undefined }
}
