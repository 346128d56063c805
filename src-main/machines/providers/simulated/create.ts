/** A simulated worker has no disk. */
export function createWorker(): Promise<void> {
  return Promise.resolve()
}
