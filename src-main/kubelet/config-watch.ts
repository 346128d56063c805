import type { Kind } from '../api/define-kind.ts'
import { configMap } from '../api/kinds/core/config-map.ts'
import { secret } from '../api/kinds/core/secret.ts'
import type { KubernetesObject, Live } from '../api/meta/object.ts'
import type { Pod } from '../api/types/core-v1.ts'
import { createInformers, type Informers } from '../client/informers.ts'
import type { InformerDependencies } from '../client/informer.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import { configReferences } from './config-references.ts'

export interface ConfigChange {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly namespace: string
  readonly name: string
}

/** Watches the config maps and secrets of the namespaces whose pods mount any on this node, and no others. */
export class ConfigWatch implements Disposable {
  private readonly informers: Informers
  private readonly followed = new Set<string>()
  private readonly parts = new DisposableStack()
  private readonly changed: (change: ConfigChange) => void

  constructor(dependencies: InformerDependencies, changed: (change: ConfigChange) => void) {
    this.informers = createInformers(dependencies.client, dependencies)
    this.parts.use(this.informers.start())
    this.changed = changed
  }

  follow(pod: Live<Pod>): void {
    const { configMaps, secrets } = configReferences(pod)
    const namespace = pod.metadata.namespace ?? 'default'
    if (configMaps.size > 0) this.watch(configMap, 'ConfigMap', namespace)
    if (secrets.size > 0) this.watch(secret, 'Secret', namespace)
  }

  dispose(): Promise<void> {
    return this.parts.dispose()
  }

  private watch<T extends KubernetesObject>(kind: Kind<T>, name: ConfigChange['kind'], namespace: string): void {
    const key = `${name} ${namespace}`
    if (this.followed.has(key)) return
    this.followed.add(key)
    const tell = (object: Live<T>): void => this.changed({ kind: name, namespace, name: object.metadata.name })
    const handlers = { added: tell, updated: (_before: Live<T>, object: Live<T>) => tell(object) }
    this.parts.use(this.informers.of(kind, { namespace }).on(handlers))
  }
}
