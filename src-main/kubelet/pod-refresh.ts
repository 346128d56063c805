import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Disposable } from '../lib/disposable.ts'
import { describeError } from '../lib/log.ts'
import { configReferences, followsApi } from './config-references.ts'
import type { KubeletContext } from './context.ts'
import { note, runningSandbox } from './pod-containers.ts'
import { refreshPodVolumes } from './pod-volumes.ts'

/** Tokens are made anew after this share of their life. */
const tokenShare = 0.8
const retryMs = 10_000

/** Keeps what one running pod's volumes show equal to the API: one refresh at a time. */
export class PodRefresh implements Disposable {
  private readonly context: KubeletContext
  private readonly pod: () => Live<Pod>
  private readonly ended = new AbortController()
  private running = false
  private again = false
  private timer: Disposable | undefined

  constructor(context: KubeletContext, pod: () => Live<Pod>) {
    this.context = context
    this.pod = pod
  }

  /** Called with each thought about the pod: takes on a pod that was started by an earlier run of the app. */
  follow(isBusy: boolean): void {
    const pod = this.pod()
    if (isBusy || this.running || this.timer !== undefined || !(pod.spec?.volumes ?? []).some(followsApi)) return
    if (this.context.digests.knows(pod.metadata.uid)) this.scheduleTokens()
    else this.request()
  }

  /** Something that the pod mounts may have changed. */
  request(): void {
    if (this.ended.signal.aborted) return
    if (this.running) this.again = true
    else void this.run()
  }

  dispose(): void {
    this.ended.abort()
    void this.timer?.dispose()
  }

  private async run(): Promise<void> {
    this.running = true
    const { view, log } = this.context
    const pod = this.pod()
    try {
      const address = runningSandbox(view.of(pod.metadata.uid))?.notes[note.address]
      if (address !== undefined) {
        await refreshPodVolumes(this.context, pod, address, this.ended.signal)
        this.scheduleTokens()
      }
    } catch (error) {
      // The pod goes on with what it has: an object that it mounts may well have been deleted.
      log.debug(`the volumes of ${pod.metadata.name} could not be refreshed: ${describeError(error)}`)
      this.schedule(retryMs)
    } finally {
      this.running = false
    }
    if (!this.again) return
    this.again = false
    this.request()
  }

  private scheduleTokens(): void {
    const { tokenSeconds } = configReferences(this.pod())
    if (tokenSeconds !== undefined) this.schedule(tokenSeconds * 1000 * tokenShare)
  }

  private schedule(delayMs: number): void {
    void this.timer?.dispose()
    this.timer = undefined
    if (this.ended.signal.aborted) return
    this.timer = this.context.clock.after(delayMs, () => {
      this.timer = undefined
      this.request()
    })
  }
}
