/** A simulated worker leaves nothing behind. */
export function destroyWorker(): Promise<void> {
  return Promise.resolve()
}
