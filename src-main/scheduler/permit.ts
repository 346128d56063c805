/** Pods that have a node and wait for leave to be bound. */
import { keyOf, type Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Clock } from '../lib/clock.ts'
import type { OutsideRule, Permission } from './outside-rules.ts'

export class PermitError extends Error {
  override readonly name = 'PermitError'
  readonly code = 'NotPermitted'
}

/** How often a rule that said "wait" is asked again. */
const askAgainMs = 1000

export class WaitingPods {
  private readonly waiting = new Map<string, AbortController>()
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Resolves when every rule permits; throws PermitError when one does not, or not in time. */
  async permit(pod: Live<Pod>, nodeName: string, rules: readonly OutsideRule[]): Promise<void> {
    const asked = rules.filter(({ permit }) => permit !== undefined)
    if (asked.length === 0) return
    const abort = new AbortController()
    this.waiting.set(pod.metadata.uid, abort)
    try {
      for (const rule of asked) await this.ask(rule, pod, nodeName, abort.signal)
    } finally {
      this.waiting.delete(pod.metadata.uid)
    }
  }

  /** Ends a pod's wait; false when it does not wait. */
  reject(uid: string, reason: string): boolean {
    const abort = this.waiting.get(uid)
    abort?.abort(new PermitError(reason))
    return abort !== undefined
  }

  rejectAll(reason: string): void {
    for (const uid of [...this.waiting.keys()]) this.reject(uid, reason)
  }

  private async ask(rule: OutsideRule, pod: Live<Pod>, nodeName: string, signal: AbortSignal): Promise<void> {
    const since = this.clock.monotonic()
    for (;;) {
      const permission = await askOnce(rule, pod, nodeName)
      signal.throwIfAborted()
      if (permission === undefined || permission.type === 'allow') return
      if (permission.type === 'deny')
        throw new PermitError(`pod ${keyOf(pod)} was rejected by ${rule.name}: ${permission.reason}`)
      if (this.clock.monotonic() - since >= permission.seconds * 1000)
        throw new PermitError(`rejected due to timeout after waiting ${permission.seconds}s at plugin ${rule.name}`)
      await this.clock.sleep(askAgainMs, signal)
    }
  }
}

/** A rule that fails and may be done without permits everything; it has said so itself. */
async function askOnce(rule: OutsideRule, pod: Live<Pod>, nodeName: string): Promise<Permission | undefined> {
  try {
    return await rule.permit?.(pod, nodeName)
  } catch (error) {
    if (!rule.dispensable) throw error
    return undefined
  }
}
