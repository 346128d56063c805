import type { Kind } from '../api/define-kind.ts'
import { configMap } from '../api/kinds/core/config-map.ts'
import { secret } from '../api/kinds/core/secret.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import { Informer, type InformerDependencies } from '../client/informer.ts'
import type { Disposable } from '../lib/disposable.ts'
import { configReferences } from './config-references.ts'

export interface ConfigChange {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly namespace: string
  readonly name: string
}

interface Followed {
  readonly watch: Disposable
  readonly podUids: Set<string>
}

/**
 * Watches the config maps and secrets that pods of this node mount, one by one and for as long as a pod does: a node
 * may read no others.
 */
export class ConfigWatch implements Disposable {
  private readonly followed = new Map<string, Followed>()
  private readonly dependencies: InformerDependencies
  private readonly changed: (change: ConfigChange) => void

  constructor(dependencies: InformerDependencies, changed: (change: ConfigChange) => void) {
    this.dependencies = dependencies
    this.changed = changed
  }

  follow(pod: Live<Pod>): void {
    const { configMaps, secrets } = configReferences(pod)
    const { namespace = 'default', uid } = pod.metadata
    for (const name of configMaps) this.hold(configMap, { kind: 'ConfigMap', namespace, name }, uid)
    for (const name of secrets) this.hold(secret, { kind: 'Secret', namespace, name }, uid)
  }

  /** The pod is no more: what it alone mounted is nobody's business here. */
  unfollow(podUid: string): void {
    for (const [key, { podUids, watch }] of this.followed) {
      if (!podUids.delete(podUid) || podUids.size > 0) continue
      this.followed.delete(key)
      void watch.dispose()
    }
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.followed.values()].map(({ watch }) => watch.dispose()))
  }

  private hold<T extends KubernetesObject>(kind: Kind<T>, change: ConfigChange, podUid: string): void {
    const { namespace, name } = change
    const key = `${change.kind} ${namespace}/${name}`
    const known = this.followed.get(key)
    if (known !== undefined) {
      known.podUids.add(podUid)
      return
    }
    const informer = new Informer(kind, { namespace, fieldSelector: `metadata.name=${name}` }, this.dependencies)
    const tell = (): void => this.changed(change)
    informer.on({ added: tell, updated: tell })
    this.followed.set(key, { watch: informer.start(), podUids: new Set([podUid]) })
  }
}
