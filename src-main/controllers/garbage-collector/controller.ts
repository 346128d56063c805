/** Deletes what its owners have left behind, over every kind that the server serves. */
import type { Kind } from '../../api/define-kind.ts'
import { kindByResource } from '../../api/kinds/index.ts'
import { keyOf, type KubernetesObject, type Live } from '../../api/meta/object.ts'
import { runController, type RunningController } from '../../client/controller.ts'
import type { ControllerSource } from '../../client/controller-sources.ts'
import type { Informer } from '../../client/informer.ts'
import { DisposableStack, type Disposable } from '../../lib/disposable.ts'
import type { ControllerContext } from '../context.ts'
import { deletableKinds } from '../deletable-kinds.ts'
import { collect, type Collector } from './collect.ts'
import { nodeOf, orphanFinalizer, OwnerGraph, type GraphNode } from './graph.ts'

/** `servedKinds` are all kinds that the server serves now; those of a CRD are taken up when it appears. */
export function startGarbageCollector(context: ControllerContext, servedKinds: () => readonly Kind[]): Disposable {
  const definitions = kindByResource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')
  const informer = definitions === undefined ? undefined : context.informers.of(definitions)
  const collector = new GarbageCollector(context, servedKinds, (name) => informer?.lister.byKey(name))
  const started = new DisposableStack()
  started.use(collector)
  if (informer !== undefined) {
    const refresh = (): void => collector.watchServedKinds()
    started.use(informer.on({ added: refresh, updated: refresh, deleted: refresh }))
  }
  return started
}

type DefinitionOf = (name: string) => Live<KubernetesObject> | undefined

const idOf = ({ group, plural }: Pick<Kind, 'group' | 'plural'>): string => `${group}/${plural}`

class GarbageCollector implements Disposable {
  private readonly context: ControllerContext
  private readonly servedKinds: () => readonly Kind[]
  private readonly definitionOf: DefinitionOf
  private readonly graph = new OwnerGraph()
  private readonly informers = new Map<string, Informer<KubernetesObject>>()
  private readonly controllers = new Map<string, RunningController>()
  private readonly running = new DisposableStack()
  private readonly collector: Collector

  constructor(context: ControllerContext, servedKinds: () => readonly Kind[], definitionOf: DefinitionOf) {
    this.context = context
    this.servedKinds = servedKinds
    this.definitionOf = definitionOf
    this.collector = {
      client: context.client,
      graph: this.graph,
      kindOf: (apiVersion, kind) =>
        servedKinds().find((served) => served.apiVersion === apiVersion && served.kind === kind),
      objectOf: ({ kind, key }) => this.informers.get(idOf(kind))?.lister.byKey(key),
      enqueue: (node) => this.enqueue(node),
      tellMisplaced: ({ apiVersion, kind }, { metadata: { name, namespace, uid } }, message) => {
        const metadata = { name, uid, ...(namespace === undefined ? {} : { namespace }) }
        context.events.event({ apiVersion, kind, metadata }, 'Warning', 'OwnerRefInvalidNamespace', message)
      },
    }
    this.watchServedKinds()
  }

  dispose(): Promise<void> {
    return this.running.dispose()
  }

  /** Events are many, short-lived and own nothing. */
  watchServedKinds(): void {
    const served = deletableKinds(this.servedKinds())
    this.dropGoneKinds(served)
    const added = served.filter((kind) => kind.plural !== 'events' && !this.informers.has(idOf(kind)))
    for (const kind of added) this.informers.set(idOf(kind), this.context.informers.of(kind))
    for (const kind of added) this.watch(kind)
  }

  /** Kinds whose CRD has gone, or that are served in other versions now. */
  private dropGoneKinds(served: readonly Kind[]): void {
    const versions = new Map(served.map((kind) => [idOf(kind), kind.apiVersion]))
    for (const [id, informer] of this.informers) {
      const { kind } = informer
      if (kind.custom === undefined || versions.get(id) === kind.apiVersion) continue
      const definition = this.definitionOf(kind.custom.definition)
      // Its objects go before it does, which only its own end tells for sure.
      if (!versions.has(id) && definition?.metadata.deletionTimestamp !== undefined) continue
      this.informers.delete(id)
      void this.controllers.get(id)?.dispose()
      this.controllers.delete(id)
      void this.context.informers.drop(kind)
      // Of another version, the same objects are seen again at once.
      if (!versions.has(id))
        for (const object of informer.lister.list()) this.lose(nodeOf(kind, object), definition === undefined)
    }
  }

  private watch(kind: Kind): void {
    const { informers, clock, random, log, probe } = this.context
    const informer = informers.of(kind)
    const controller = runController({
      name: 'garbage-collector',
      kind,
      sources: [this.source(kind, informer)],
      reconcile: async (key, { cause }) => {
        const object = informer.lister.byKey(key)
        return object === undefined ? undefined : collect(this.collector, kind, object, cause)
      },
      clock,
      random,
      log,
      probe,
    })
    this.controllers.set(idOf(kind), controller)
    this.running.use(controller)
  }

  /** Work begins when every kind is known: a dependent that was not seen yet would not be waited for. */
  private source(kind: Kind, informer: Informer<KubernetesObject>): ControllerSource {
    return {
      synced: async (signal) => {
        await Promise.all([...this.informers.values()].map((one) => one.synced(signal)))
      },
      subscribe: (enqueue) => {
        const setOff = (object: Live<KubernetesObject>): void =>
          enqueue(keyOf(object), Number(object.metadata.resourceVersion))
        return informer.on({
          added: (object) => {
            if (this.see(kind, object)) setOff(object)
          },
          updated: (previous, object) => {
            const before = nodeOf(kind, previous)
            const needed = this.see(kind, object)
            if (needed && !sameOwnership(before, nodeOf(kind, object))) setOff(object)
            this.tellWaitingOwners(before)
          },
          deleted: (object) => this.lose(nodeOf(kind, object), true),
        })
      },
    }
  }

  /** Whether there may be something to do for the object itself. */
  private see(kind: Kind, object: Live<KubernetesObject>): boolean {
    const node = nodeOf(kind, object)
    this.graph.set(node)
    const orphans = node.isDeleting && object.metadata.finalizers?.includes(orphanFinalizer) === true
    return node.owners.length > 0 || node.waitsForDependents || orphans
  }

  /** `isGone`: it is not only seen no more. */
  private lose(node: GraphNode, isGone: boolean): void {
    this.graph.delete(node, isGone)
    for (const dependent of this.graph.dependentsOf(node.uid)) this.enqueue(dependent)
    this.tellWaitingOwners(node)
  }

  /** Owners that wait for their dependents look again whenever one of them changes. */
  private tellWaitingOwners({ owners }: GraphNode): void {
    for (const { uid } of owners) {
      const owner = this.graph.get(uid)
      if (owner?.waitsForDependents === true) this.enqueue(owner)
    }
  }

  private enqueue({ kind, key }: GraphNode): void {
    this.controllers.get(idOf(kind))?.enqueue(key)
  }
}

/** Most updates are of a status, and none of the collector's business. */
const sameOwnership = (a: GraphNode, b: GraphNode): boolean =>
  a.isDeleting === b.isDeleting && a.waitsForDependents === b.waitsForDependents && sameOwners(a, b)

const sameOwners = (a: GraphNode, b: GraphNode): boolean =>
  a.owners.length === b.owners.length &&
  a.owners.every(
    ({ uid, blockOwnerDeletion }, index) =>
      uid === b.owners[index]?.uid && blockOwnerDeletion === b.owners[index].blockOwnerDeletion,
  )
