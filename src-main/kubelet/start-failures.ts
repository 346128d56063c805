import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError } from '../lib/log.ts'
import type { Action, StartFailure } from './actions.ts'
import { ConfigError } from './config-error.ts'
import type { KubeletContext } from './context.ts'
import { isRuntimeError } from './runtime/runtime.ts'

const pullDelay = { initialMs: 10_000, maximumMs: 300_000 }
/** What the pod, or an object that it refers to, has to be changed for. */
const configDelay = { initialMs: 1000, maximumMs: 10_000 }
const otherDelay = { initialMs: 1000, maximumMs: 60_000 }
/** What a container waits with while its image is pulled again and again. */
const pullingReasons: ReadonlySet<string> = new Set(['ErrImagePull', 'ImagePullBackOff'])
/** How long a failed pull is shown as that before it is shown as waiting for the next one. */
const showErrorMs = 1000

/** Why containers of one pod could not be started, and when they are tried again. */
export class StartFailures implements Disposable {
  private readonly failures = new Map<string, StartFailure>()
  private readonly timers = new Set<Disposable>()
  private readonly context: KubeletContext
  private readonly wake: () => void

  constructor(context: KubeletContext, wake: () => void) {
    this.context = context
    this.wake = wake
  }

  get current(): ReadonlyMap<string, StartFailure> {
    return this.failures
  }

  clear(name: string): void {
    this.failures.delete(name)
  }

  /** The pod has changed, perhaps what was wrong with it; a pull depends on nothing of it but the image. */
  retry(): void {
    for (const [name, failure] of this.failures)
      if (!pullingReasons.has(failure.reason)) this.failures.set(name, { ...failure, retryAt: 0 })
  }

  add(pod: Live<Pod>, name: string, action: Action, error: unknown): void {
    // Nothing is wrong with the container when the runtime cannot be reached.
    if (isRuntimeError(error, 'Unavailable')) return
    const failures = (this.failures.get(name)?.failures ?? 0) + 1
    const reason = error instanceof ConfigError ? error.code : 'RunContainerError'
    const pull = reason === 'ErrImagePull'
    const { initialMs, maximumMs } = pull ? pullDelay : error instanceof ConfigError ? configDelay : otherDelay
    const delay = Math.min(maximumMs, initialMs * 2 ** (failures - 1))
    const message = error instanceof Error ? error.message : String(error)
    const failure = { reason, message, failures, retryAt: this.context.clock.now() + delay }
    this.failures.set(name, failure)
    if (pull && action.type === 'start-container')
      this.later(showErrorMs, () => this.showBackOff(pod, name, action, failure))
    if (!(error instanceof ConfigError))
      this.context.log.warn(`${action.type} failed: ${describeError(error)}`, { pod: pod.metadata.name })
  }

  dispose(): void {
    for (const timer of this.timers) void timer.dispose()
  }

  private showBackOff(
    pod: Live<Pod>,
    name: string,
    action: Extract<Action, { type: 'start-container' }>,
    failure: StartFailure,
  ): void {
    if (this.failures.get(name) !== failure) return
    const { container, role } = action.entry
    const words = `Back-off pulling image "${container.image ?? ''}"`
    this.failures.set(name, {
      ...failure,
      reason: 'ImagePullBackOff',
      message: `${words}: ErrImagePull: ${failure.message}`,
    })
    const about = { name: container.name, role }
    this.context.tell(pod, 'Normal', 'BackOff', words, about)
    this.context.tell(pod, 'Warning', 'Failed', 'Error: ImagePullBackOff', about)
    this.wake()
  }

  private later(delayMs: number, run: () => void): void {
    const timer = this.context.clock.after(delayMs, () => {
      this.timers.delete(timer)
      run()
    })
    this.timers.add(timer)
  }
}
