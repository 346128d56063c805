import type { LifecycleHandler, Pod } from '../api/types/core-v1.ts'
import { describeError } from '../lib/log.ts'
import type { KubeletContext } from './context.ts'
import { containerEntries, note, runningSandbox } from './pod-containers.ts'
import type { ObservedContainer } from './runtime/runtime.ts'

/** Runs a hook of a container; returns why it failed, or undefined. */
async function runHook(
  context: KubeletContext,
  pod: Pod,
  container: ObservedContainer,
  handler: LifecycleHandler,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (handler.sleep !== undefined) {
    await context.clock.sleep(handler.sleep.seconds * 1000, signal).catch(() => undefined)
    return undefined
  }
  const sandbox = runningSandbox(context.view.of(pod.metadata?.uid ?? ''))
  const entry = containerEntries(pod.spec).find((one) => one.container.name === container.identity.container)
  if (entry === undefined) return undefined
  const target = {
    container: entry.container,
    containerId: container.id,
    podAddress: sandbox?.notes[note.address] ?? context.address,
  }
  const result = await context.checker.check(handler, target, signal)
  return result.healthy ? undefined : result.output
}

/** Runs the container's postStart hook, if it has one; returns why it failed, or undefined. */
export async function postStart(
  context: KubeletContext,
  pod: Pod,
  container: ObservedContainer,
  signal: AbortSignal,
): Promise<string | undefined> {
  const handler = hooksOf(pod, container)?.postStart
  return handler === undefined ? undefined : runHook(context, pod, container, handler, signal)
}

/**
 * Runs the container's preStop hook within the grace period and returns what is left of that, in seconds: at least two,
 * so that the process has time to end after a hook that took everything.
 */
export async function preStop(
  context: KubeletContext,
  pod: Pod,
  container: ObservedContainer,
  graceSeconds: number,
): Promise<number> {
  const handler = hooksOf(pod, container)?.preStop
  if (handler === undefined || graceSeconds <= 0) return graceSeconds
  const { clock, tell, log } = context
  const abort = new AbortController()
  const began = clock.monotonic()
  const timer = clock.after(graceSeconds * 1000, () => abort.abort(new Error('the grace period is over')))
  try {
    const failure = await runHook(context, pod, container, handler, abort.signal)
    if (failure !== undefined) {
      const { container: name, role } = container.identity
      tell(pod, 'Warning', 'FailedPreStopHook', `PreStopHook failed: ${failure}`, {
        name,
        role: role === 'sandbox' ? 'app' : role,
      })
    }
  } catch (error) {
    log.debug(`a preStop hook failed: ${describeError(error)}`)
  } finally {
    void timer.dispose()
  }
  return Math.max(2, graceSeconds - Math.round((clock.monotonic() - began) / 1000))
}

function hooksOf(
  { spec }: Pod,
  { identity }: ObservedContainer,
): { postStart?: LifecycleHandler; preStop?: LifecycleHandler } | undefined {
  return containerEntries(spec).find(({ container }) => container.name === identity.container)?.container.lifecycle
}
