/** From the choice of a node to the binding: reserve, permit, pre-bind, bind, with one stack to undo it all. */
import type { Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import type { Client } from '../client/client.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack } from '../lib/disposable.ts'
import { bindPod, isBoundAfterAll } from './bind.ts'
import type { SchedulerCache } from './cache.ts'
import type { Profile } from './configuration/configuration.ts'
import type { DeviceView } from './devices/device-view.ts'
import { reserveClaims } from './devices/reserve-claims.ts'
import type { Extender } from './extenders/extender.ts'
import type { NodeInfo } from './node-info.ts'
import type { OutsideRule } from './outside-rules.ts'
import type { WaitingPods } from './permit.ts'
import { bindVolumes, planVolumes } from './volumes/bind-volumes.ts'
import type { VolumePlan } from './volumes/match-volumes.ts'
import type { StorageCache } from './volumes/storage-cache.ts'

export interface PlacementParts {
  readonly client: Client
  readonly clock: Clock
  readonly probe: Probe
  readonly cache: SchedulerCache
  readonly storage: StorageCache
  readonly devices: DeviceView
  readonly waiting: WaitingPods
  readonly signal: AbortSignal
}

export interface PlacementRules {
  readonly profile: Profile
  readonly rules: readonly OutsideRule[]
  readonly extenders: readonly Extender[]
}

export class Placement {
  private readonly undo = new DisposableStack()
  private readonly pod: Live<Pod>
  private readonly node: NodeInfo
  private readonly parts: PlacementParts
  private readonly rules: PlacementRules
  private volumes: VolumePlan | undefined

  constructor(pod: Live<Pod>, node: NodeInfo, parts: PlacementParts, rules: PlacementRules) {
    this.pod = pod
    this.node = node
    this.parts = parts
    this.rules = rules
  }

  /** Takes room and volumes in the caches, without a pause, so that no two pods are given the same. May throw. */
  reserve(): void {
    const { cache, storage } = this.parts
    const { pod, node } = this
    const { uid } = pod.metadata
    cache.assume(pod, node.name)
    this.undo.defer(() => cache.forget(uid))
    cache.nominated.delete(uid)
    this.undo.defer(() => cache.nominated.set(pod))
    this.volumes = planVolumes(pod, node.node, storage)
    if (this.volumes !== undefined) this.undo.defer(storage.promise(this.volumes, node.name))
  }

  /** Resolves when the API server knows. After a failure `giveBack` is due. */
  async carryOut(): Promise<void> {
    const { client, probe, clock, storage, waiting, signal } = this.parts
    const { pod, node, volumes } = this
    const { profile, rules } = this.rules
    if (rules.length > 0) await waiting.permit(pod, node.name, rules)
    if (volumes !== undefined) {
      const options = { client, clock, storage, signal, timeoutMs: profile.bindTimeoutSeconds * 1000 }
      await probe.span('bind volumes', { 'k8s.node.name': node.name }, () =>
        bindVolumes(pod, node.name, volumes, options),
      )
    }
    await reserveClaims(pod, this.parts.devices, client)
    await probe.span('bind', { 'k8s.node.name': node.name }, async () => {
      try {
        if (!(await this.bindByExtender())) await bindPod(client, pod, node.name)
      } catch (error) {
        if (!(await isBoundAfterAll(this.parts, pod, node.name, error))) throw error
      }
    })
  }

  /** The first that binds does; one that fails and may be ignored leaves it to the next. */
  private async bindByExtender(): Promise<boolean> {
    const { pod, node } = this
    for (const extender of this.rules.extenders) {
      if (!extender.binds || !extender.concerns(pod)) continue
      try {
        await extender.bind(pod, node.name)
        return true
      } catch (error) {
        if (!extender.dispensable) throw error
      }
    }
    return false
  }

  /** Undoes what was reserved, last first. */
  async giveBack(): Promise<void> {
    await this.undo.dispose()
  }
}
