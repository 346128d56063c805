import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Disposable } from '../lib/disposable.ts'
import { configReferences } from './config-references.ts'
import { Admissions } from './admissions.ts'
import { ConfigWatch, type ConfigChange } from './config-watch.ts'
import type { KubeletContext } from './context.ts'
import { PodWorker } from './pod-worker.ts'
import type { Refusal } from './refusal.ts'

/** One worker for each pod of the node, and for whatever runs here of pods that are no more. */
export class PodWorkers implements Disposable {
  /** Whether all pods of the API are here: only then is a container without a pod an orphan. */
  knowsAllPods = false
  private readonly workers = new Map<string, PodWorker>()
  private readonly context: KubeletContext
  private readonly watch: ConfigWatch
  private readonly admissions: Admissions

  constructor(context: KubeletContext) {
    this.context = context
    this.admissions = new Admissions(context, (pod, refusal) => this.add(pod, refusal).wake())
    this.watch = new ConfigWatch(context, (change) => this.refresh(change))
  }

  /** The pod as the API has it now. */
  put(pod: Live<Pod>): void {
    this.watch.follow(pod)
    const worker = this.workers.get(pod.metadata.uid)
    if (worker === undefined) this.admissions.ask(pod)
    else worker.update(pod)
  }

  vanish(podUid: string): void {
    this.watch.unfollow(podUid)
    this.admissions.forget(podUid)
    this.workers.get(podUid)?.vanish()
  }

  wake(podUid: string): void {
    this.workers.get(podUid)?.wake()
  }

  wakeAll(): void {
    for (const worker of this.workers.values()) worker.wake()
  }

  /** Ends what runs here of pods that went while nobody looked. */
  takeOrphans(): void {
    if (!this.knowsAllPods) return
    for (const podUid of this.context.view.podUids()) {
      if (this.workers.has(podUid)) continue
      const { containers, sandboxes } = this.context.view.of(podUid)
      const identity = (sandboxes[0] ?? containers[0])?.identity
      if (identity === undefined) continue
      const metadata = {
        name: identity.podName,
        namespace: identity.podNamespace,
        uid: podUid,
        resourceVersion: '0',
        creationTimestamp: '',
      }
      this.add({ metadata, spec: { containers: [] } }).vanish()
    }
  }

  /** Removes the folders of pods that are no more. */
  async sweepFolders(): Promise<void> {
    if (!this.knowsAllPods) return
    const { files } = this.context
    const left = (await files.podUids()).filter((podUid) => !this.workers.has(podUid))
    for (const podUid of left) await files.removePod(podUid)
  }

  async dispose(): Promise<void> {
    this.admissions.dispose()
    for (const worker of this.workers.values()) worker.dispose()
    await this.watch.dispose()
  }

  private refresh({ kind, namespace, name }: ConfigChange): void {
    for (const worker of this.workers.values()) {
      if (worker.pod.metadata.namespace !== namespace) continue
      const { configMaps, secrets } = configReferences(worker.pod)
      if ((kind === 'ConfigMap' ? configMaps : secrets).has(name)) worker.refreshVolumes()
    }
  }

  private add(pod: Live<Pod>, refusal?: Refusal): PodWorker {
    const { uid } = pod.metadata
    const worker = new PodWorker(this.context, pod, refusal, () => void this.workers.delete(uid))
    this.workers.set(uid, worker)
    return worker
  }
}
