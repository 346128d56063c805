/** A simulated worker has no processes: what the app holds of it ends with its Machine. */
export function stopWorker(): Promise<void> {
  return Promise.resolve()
}
