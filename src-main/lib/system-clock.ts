import { sleepOn, type Clock } from './clock.ts'

/** The host's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return { dispose: () => clearTimeout(timer) }
  },
  sleep: (delayMs, signal) => sleepOn(systemClock, delayMs, signal),
  nextTurn: () => sleepOn(systemClock, 0),
}
