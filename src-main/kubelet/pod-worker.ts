import { isReason } from '../api/errors.ts'
import { pod as podKind } from '../api/kinds/core/pod.ts'
import type { Live } from '../api/meta/object.ts'
import type { Pod, PodStatus } from '../api/types/core-v1.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError } from '../lib/log.ts'
import type { Action, PlanInput } from './actions.ts'
import { apply } from './apply.ts'
import { ConfigError } from './config-error.ts'
import type { KubeletContext } from './context.ts'
import { isEnding, plan } from './plan.ts'
import { hasEnded } from './plan-end.ts'
import { noContainers } from './pod-containers.ts'
import { sameFace, showsItself } from './downward-volumes.ts'
import { PodRefresh } from './pod-refresh.ts'
import { PodProbes } from './probes/pod-probes.ts'
import type { Refusal } from './refusal.ts'
import { resizeOf } from './resize.ts'
import { RestartNotices } from './restart-notices.ts'
import { StartFailures } from './start-failures.ts'
import { deadlineExceeded, podOutcome, podStatus, type StatusInput } from './status.ts'
import { StatusWriter } from './status-writer.ts'
import { TerminationMessages } from './termination-messages.ts'

const retryMs = 1000

/**
 * Brings one pod to what its spec says and keeps it there. It thinks whenever something has changed (the pod, a
 * container, a probe, an action that ended, a time that came), and never twice at once; actions run beside it.
 */
export class PodWorker implements Disposable {
  private readonly context: KubeletContext
  private readonly writer: StatusWriter
  private readonly busy = new Set<string>()
  private readonly failures: StartFailures
  private readonly messages: TerminationMessages
  private readonly notices: RestartNotices
  private readonly probes: PodProbes
  private readonly refresh: PodRefresh
  private readonly starting = new AbortController()
  private readonly onEnd: () => void
  private readonly refusal: Refusal | undefined
  private gone = false
  private finishing = false
  private ended = false
  private disposed = false
  private thinking = false
  private timer: Disposable | undefined

  /** `refusal`: why the node does not take the pod. */
  constructor(context: KubeletContext, pod: Live<Pod>, refusal: Refusal | undefined, onEnd: () => void) {
    this.refusal = refusal
    this.context = context
    this.onEnd = onEnd
    this.writer = new StatusWriter(pod, context)
    this.failures = new StartFailures(context, () => this.wake())
    this.messages = new TerminationMessages(context, () => this.wake())
    this.notices = new RestartNotices(context)
    this.refresh = new PodRefresh(context, () => this.pod)
    this.probes = new PodProbes(
      context,
      () => this.pod,
      () => this.wake(),
    )
  }

  get pod(): Live<Pod> {
    return this.writer.pod
  }

  update(pod: Live<Pod>): void {
    const before = this.pod.metadata.deletionGracePeriodSeconds
    const changed = pod.metadata.generation !== this.pod.metadata.generation || !sameFace(this.pod, pod)
    this.writer.see(pod)
    if (changed && showsItself(pod)) this.refresh.request()
    if (changed) this.failures.retry()
    const now = pod.metadata.deletionGracePeriodSeconds
    if (before !== undefined && now !== undefined && now < before) this.hurry(Math.max(1, now))
    this.wake()
  }

  /** The pod is no longer in the API: whatever of it still runs has no grace. */
  vanish(): void {
    if (this.gone) return
    this.gone = true
    this.writer.stop()
    this.starting.abort(new Error('the pod was deleted'))
    this.hurry(1)
    this.wake()
  }

  /** An object that the pod mounts has changed. */
  refreshVolumes(): void {
    this.refresh.request()
  }

  /** Ends what is ending already, sooner. */
  private hurry(graceSeconds: number): void {
    const { view, runtime, log } = this.context
    for (const { id, state } of view.of(this.pod.metadata.uid).containers) {
      if (state !== 'running') continue
      runtime.stop(id, graceSeconds).catch((error: unknown) => log.debug(describeError(error)))
    }
  }

  /** Thinks soon: several reasons in one turn of the event loop make one thought. */
  wake(): void {
    if (this.thinking || this.disposed) return
    this.thinking = true
    queueMicrotask(() => {
      this.thinking = false
      if (!this.disposed) this.think()
    })
  }

  dispose(): void {
    this.disposed = true
    void this.timer?.dispose()
    this.probes.dispose()
    this.refresh.dispose()
    this.failures.dispose()
    this.writer.stop()
  }

  private think(): void {
    const { view, clock } = this.context
    // Without the runtime nothing is known; its return wakes everyone.
    if (!view.connected) return
    this.seeEnd()
    const input = this.input()
    const ending = isEnding(input)
    if (ending) this.starting.abort(new Error('the pod ends'))
    this.probes.follow(input.observed, ending)
    const { actions, wakeAt } = plan(input)
    for (const action of actions) this.launch(action)
    void this.timer?.dispose()
    if (wakeAt !== undefined) this.timer = clock.after(Math.max(0, wakeAt - clock.now()), () => this.wake())
    if (!this.gone) {
      this.messages.collect(this.pod, input.observed)
      this.notices.tell(input)
      if (!ending) this.refresh.follow(this.busy.has(''))
      if (!this.messages.pending) this.writer.publish((pod) => this.status(pod))
    }
    if (ending && actions.length === 0 && hasEnded(this.input())) this.finish()
  }

  /** What has come to its end stays there, also while its last containers are being stopped. */
  private seeEnd(): void {
    if (this.ended) return
    const { pod, context } = this
    const outcome = podOutcome(this.statusInput(pod))
    if (outcome === undefined) return
    this.ended = true
    const { reason, message = '' } = this.refusal ?? outcome
    // Before an app that was started again, it was told.
    if (reason === undefined || outcome.phase === pod.status?.phase) return
    context.tell(pod, reason === deadlineExceeded.reason ? 'Normal' : 'Warning', reason, message)
  }

  private input(): PlanInput {
    const { pod, busy, gone, ended, refusal } = this
    const { clock, cpus, memoryBytes, neighbours, view } = this.context
    const observed = view.of(pod.metadata.uid)
    return {
      ...{ pod, observed, now: clock.now(), busy, gone, ended, refusal },
      startFailures: this.failures.current,
      probes: this.probes.current,
      resize: resizeOf(pod, observed, { milliCpu: cpus * 1000, memoryBytes }, neighbours),
    }
  }

  private status(pod: Live<Pod>): PodStatus {
    return podStatus(this.statusInput(pod))
  }

  private statusInput(pod: Live<Pod>): StatusInput {
    const input = { ...this.input(), pod }
    return {
      ...input,
      hostAddress: this.context.address,
      terminationMessages: this.messages.known,
      ending: isEnding(input),
    }
  }

  private launch(action: Action): void {
    const name = targetOf(action)
    if (this.busy.has(name) || this.mustWait(action)) return
    this.busy.add(name)
    this.carryOut(action, name)
      .catch((error: unknown) => this.context.log.error(`${action.type}: ${describeError(error)}`))
      .finally(() => {
        this.busy.delete(name)
        this.wake()
      })
  }

  /** A node without a network is not Ready and says why; its return wakes every pod. */
  private mustWait({ type }: Action): boolean {
    const { network } = this.context
    return type === 'start-sandbox' && this.pod.spec?.hostNetwork !== true && network.problem() !== undefined
  }

  private async carryOut(action: Action, name: string): Promise<void> {
    const { signal } = this.starting
    const starts = action.type === 'start-sandbox' || action.type === 'start-container'
    try {
      await apply(this.context, this.pod, action, signal)
      this.failures.clear(name)
    } catch (error) {
      if (this.disposed || (starts && signal.aborted)) return
      if (starts) this.failures.add(this.pod, name, action, error)
      else this.context.log.warn(`${action.type} failed: ${describeError(error)}`, { pod: this.pod.metadata.name })
      // What fails at once must not be tried again at once.
      if (!(error instanceof ConfigError)) await this.context.clock.sleep(retryMs)
    }
  }

  /** Nothing runs any more. */
  private finish(): void {
    if (this.finishing) return
    this.finishing = true
    this.end()
      .catch((error: unknown) =>
        this.context.log.warn(`a pod could not be brought to its end: ${describeError(error)}`),
      )
      .finally(() => {
        this.finishing = false
        if (this.gone && !this.disposed) this.wake()
      })
  }

  private async end(): Promise<void> {
    const { view, files, network } = this.context
    const { uid, deletionTimestamp } = this.pod.metadata
    if (this.gone) {
      if (view.of(uid) !== noContainers) return
      network.tearDown(uid)
      this.context.digests.forget(uid)
      await files.removePod(uid)
      this.dispose()
      return this.onEnd()
    }
    await this.messages.settled()
    this.writer.publish((pod) => this.status(pod))
    await this.writer.flush()
    if (deletionTimestamp !== undefined) await this.removeFromApi()
  }

  private async removeFromApi(): Promise<void> {
    const { name, namespace, uid } = this.pod.metadata
    const ref = { name, ...(namespace === undefined ? {} : { namespace }) }
    try {
      await this.context.client.delete(podKind, ref, { gracePeriodSeconds: 0, preconditions: { uid } })
    } catch (error) {
      if (isReason(error, 'NotFound', 'Conflict')) return
      this.timer = this.context.clock.after(1000, () => this.wake())
      throw error
    }
  }
}

/** Actions on one container never run at once; the sandbox's name is empty. */
function targetOf(action: Action): string {
  if (action.type === 'start-sandbox') return ''
  if (action.type === 'start-container') return action.entry.container.name
  // Old attempts are removed beside whatever the newest one is doing.
  return action.type === 'remove' ? `remove ${action.target.id}` : action.target.identity.container
}
