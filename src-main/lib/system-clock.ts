import { sleepOn, type Clock } from './clock.ts'

/** What a timer of the host holds; longer ones would run at once. */
const longestMs = 2 ** 31 - 1

/** The host's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const due = performance.now() + delayMs
    // A timer of the host counts whole milliseconds, and may run before its time by this clock. Whoever then asks whether
    // the time is over would be told no, and nobody would ask again.
    const ring = (): void => {
      const leftMs = due - performance.now()
      if (leftMs <= 0) run()
      else timer = setTimeout(ring, Math.min(leftMs, longestMs))
    }
    let timer = setTimeout(ring, Math.min(delayMs, longestMs))
    return { dispose: () => clearTimeout(timer) }
  },
  sleep: (delayMs, signal) => sleepOn(systemClock, delayMs, signal),
  nextTurn: () => sleepOn(systemClock, 0),
}
