import type { Kind } from '../api/define-kind.ts'
import type { KubernetesObject } from '../api/meta/object.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import type { Client } from './client.ts'
import { Informer, type InformerDependencies, type InformerScope } from './informer.ts'

/** The informers that one set of components shares: one for each kind and scope. */
export interface Informers {
  /** The shared informer; made on first use, and started when the set runs already. */
  of<T extends KubernetesObject>(kind: Kind<T>, scope?: InformerScope): Informer<T>
  /** Stops the informer of a kind that is served no more, for everyone, and forgets it. */
  drop(kind: Kind): Promise<void>
  /** Starts all of them, also those that are asked for later. Disposing stops all. */
  start(): Disposable
  /** Resolves when every informer that was asked for so far has its first list. */
  synced(signal?: AbortSignal): Promise<void>
}

export function createInformers(client: Client, options: Omit<InformerDependencies, 'client'>): Informers {
  const informers = new Map<string, { start(): Disposable; synced(signal?: AbortSignal): Promise<void> }>()
  const dependencies = { client, ...options }
  let running: DisposableStack | undefined
  return {
    of<T extends KubernetesObject>(kind: Kind<T>, scope: InformerScope = {}): Informer<T> {
      const id = idOf(kind, scope)
      const known = informers.get(id)
      // The id holds the kind, so what stands under it was made for the same T.
      if (known !== undefined) return known as Informer<T>
      const made = new Informer(kind, scope, dependencies)
      informers.set(id, made)
      running?.use(made.start())
      return made
    },
    async drop(kind) {
      const id = idOf(kind, {})
      const informer = informers.get(id)
      informers.delete(id)
      if (informer !== undefined && running !== undefined) await informer.start().dispose()
    },
    start() {
      if (running !== undefined) return running
      running = new DisposableStack()
      for (const informer of informers.values()) running.use(informer.start())
      return running
    },
    async synced(signal) {
      await Promise.all([...informers.values()].map((informer) => informer.synced(signal)))
    },
  }
}

const idOf = (kind: Kind, { namespace, labelSelector, fieldSelector }: InformerScope): string =>
  JSON.stringify([kind.apiVersion, kind.plural, namespace, labelSelector, fieldSelector])
