import type { Disposable } from './disposable.ts'

/** Time as every component sees it. The only file pair that may touch the host's timers is this and its neighbours. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number
  /** Milliseconds from an arbitrary start; never jumps. For durations. */
  monotonic(): number
  /** Runs `run` once after `delayMs`, unless disposed before. */
  after(delayMs: number, run: () => void): Disposable
  /** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
  /** Resolves when all else that waits for the thread has had its turn. */
  nextTurn(): Promise<void>
}

/** `sleep` in terms of `after`, shared by every clock. */
export function sleepOn(clock: Pick<Clock, 'after'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const onAbort = (): void => {
      void timer.dispose()
      reject(signal?.reason)
    }
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** The second that was written last, and its text: under load many ask for the same one. */
let lastSecond = Number.NaN
let lastText = ''

/** The RFC 3339 form that `metav1.Time` uses: whole seconds, UTC. */
export function timestamp(unixMs: number): string {
  const second = Math.floor(unixMs / 1000)
  if (second === lastSecond) return lastText
  const text = new Date(unixMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
  lastSecond = second
  lastText = text
  return text
}

/** The form of `metav1.MicroTime`: six decimals, UTC. */
export function microTimestamp(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/(\.\d{3})Z$/, '$1000Z')
}
