import { getCurrentScope, onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { clock, log, random, readerOf } from '../api.ts'
import type { Kind } from '../../src-main/api/define-kind.ts'
import type { KubernetesObject, Live } from '../../src-main/api/meta/object.ts'
import { Informer, type InformerScope } from '../../src-main/client/informer.ts'
import { describeError } from '../../src-main/lib/log.ts'

/** How fresh a list is. `failed`: there never was one, and why; `stale`: it is as of `sinceUnixMs`. */
export type Freshness =
  | { readonly type: 'loading' }
  | { readonly type: 'live' }
  | { readonly type: 'stale'; readonly sinceUnixMs: number; readonly reason: string }
  | { readonly type: 'failed'; readonly reason: string }

export interface LiveList<T> {
  readonly items: ShallowRef<readonly Live<T>[]>
  readonly freshness: ShallowRef<Freshness>
}

/** A watch event: created without `previous`, deleted without `next`. */
export interface Change<T> {
  readonly previous?: Live<T>
  readonly next?: Live<T>
}

interface Shared {
  readonly informer: Informer<KubernetesObject>
  users: number
  stop(): void
}

const shared = new Map<string, Shared>()

/** One watch for each kind and scope, however many components look at it. */
function acquire<T extends KubernetesObject>(kind: Kind<T>, scope: InformerScope): [Informer<T>, () => void] {
  const id = JSON.stringify([kind.apiVersion, kind.plural, scope.namespace, scope.labelSelector, scope.fieldSelector])
  let entry = shared.get(id)
  if (entry === undefined) {
    const informer = new Informer(kind, scope, { client: readerOf(kind), clock, random, log })
    const running = informer.start()
    entry = {
      informer: informer as unknown as Informer<KubernetesObject>,
      users: 0,
      stop: () => void running.dispose(),
    }
    shared.set(id, entry)
  }
  const found = entry
  found.users++
  const release = (): void => {
    if (--found.users > 0) return
    found.stop()
    shared.delete(id)
  }
  return [found.informer as unknown as Informer<T>, release]
}

/**
 * The objects of a kind, kept up to date for as long as the component lives. Changes are gathered until the next
 * frame, so that a burst of a thousand events renders once. `changed` hears of each watch event as it comes, not of what
 * the first list brings.
 */
export function useLiveList<T extends KubernetesObject>(
  kind: Kind<T>,
  scope: InformerScope = {},
  changed?: (change: Change<T>) => void,
): LiveList<T> {
  const [informer, release] = acquire(kind, scope)
  const items = shallowRef<readonly Live<T>[]>([])
  const freshness = shallowRef<Freshness>({ type: 'loading' })
  let frame = 0
  const draw = (): void => {
    frame = 0
    items.value = informer.lister.list()
    freshness.value = freshnessOf(informer)
  }
  // A hidden page gets no frames: the timer keeps its lists right all the same.
  const schedule = (): void => {
    if (frame === 0) frame = document.hidden ? window.setTimeout(draw, 250) : requestAnimationFrame(draw)
  }
  let attached = false
  const tell = (change: Change<T>): void => {
    schedule()
    if (attached && informer.hasSynced) changed?.(change)
  }
  const handlers = [
    informer.on({
      added: (next) => tell({ next }),
      updated: (previous, next) => tell({ previous, next }),
      deleted: (previous) => tell({ previous }),
    }),
    informer.onState(schedule),
  ]
  attached = true
  schedule()
  if (getCurrentScope() !== undefined) {
    onScopeDispose(() => {
      for (const handler of handlers) void handler.dispose()
      release()
    })
  }
  return { items, freshness }
}

function freshnessOf<T extends KubernetesObject>(informer: Informer<T>): Freshness {
  const { state } = informer
  if (state.type !== 'interrupted') return informer.hasSynced ? { type: 'live' } : { type: 'loading' }
  const reason = describeError(state.error)
  return informer.hasSynced ? { type: 'stale', sinceUnixMs: state.sinceUnixMs, reason } : { type: 'failed', reason }
}
