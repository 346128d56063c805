/**
 * Keeps the default flow schemas and priority levels: what was deleted comes again, and what was changed is put back,
 * unless its annotation says that somebody else looks after it.
 */
import { isReason } from '../../api/errors.ts'
import { catchAll, exempt } from '../../api/kinds/flowcontrol/mandatory.ts'
import type { Kind } from '../../api/define-kind.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { Client } from '../../client/client.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError, type Log } from '../../lib/log.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { KindRegistry } from '../kind-registry.ts'
import { resourceKey } from '../registry/keys.ts'
import { copyPlain, samePlain } from '../registry/plain.ts'
import { applyDefaults } from '../registry/schema-steps.ts'
import { autoUpdateSpec, defaultFlowSchemas, defaultPriorityLevels } from './default-objects.ts'

export interface KeeperOptions {
  readonly cache: WatchCache
  readonly kinds: KindRegistry
  readonly client: Client
  readonly log: Log
}

export type KeeperPlan = 'keep' | 'create' | 'update'

/** `wanted` has its defaults. */
export function planDefault(existing: DynamicObject | undefined, wanted: DynamicObject): KeeperPlan {
  if (existing === undefined) return 'create'
  const name = wanted.metadata?.name ?? ''
  const { annotations = {}, generation } = existing.metadata ?? {}
  // Without the annotation it is ours as long as nobody has changed it.
  const isOurs = annotations[autoUpdateSpec] === undefined ? generation === 1 : annotations[autoUpdateSpec] === 'true'
  if (!isOurs && name !== exempt && name !== catchAll) return 'keep'
  return samePlain(existing.spec, wanted.spec) ? 'keep' : 'update'
}

interface Kept {
  readonly kind: Kind<DynamicObject>
  readonly wanted: DynamicObject
}

/** Runs until disposed. Several servers may do so at once. */
export function startDefaultsKeeper(options: KeeperOptions): Disposable {
  const { cache, log } = options
  const waiting = new Map<string, Kept>()
  let ended = false
  let running: Promise<void> | undefined
  const work = async (): Promise<void> => {
    // Not in the turn in which the cache takes a change in.
    await Promise.resolve()
    for (const [key, kept] of waiting) {
      if (ended) return
      waiting.delete(key)
      await keep(kept, options).catch((error: unknown) =>
        log.warn('a default of priority and fairness could not be kept', { key, error: describeError(error) }),
      )
    }
  }
  const following = keptKinds(options).map(({ kind, wanted }) =>
    cache.resource(resourceKey(kind)).follow((previous, next) => {
      const one = wanted.get((next ?? previous)?.key ?? '')
      if (one === undefined || ended) return
      waiting.set(`${kind.plural}/${one.metadata?.name ?? ''}`, { kind, wanted: one })
      running ??= work().finally(() => {
        running = undefined
      })
    }),
  )
  return {
    async dispose() {
      ended = true
      for (const one of following) await one.dispose()
      await running
    },
  }
}

function keptKinds({ kinds }: KeeperOptions): { kind: Kind<DynamicObject>; wanted: Map<string, DynamicObject> }[] {
  const group = 'flowcontrol.apiserver.k8s.io'
  const lists = { flowschemas: defaultFlowSchemas, prioritylevelconfigurations: defaultPriorityLevels }
  return Object.entries(lists).flatMap(([plural, objects]) => {
    const kind = kinds.find(group, 'v1', plural) as Kind<DynamicObject> | undefined
    if (kind === undefined) return []
    const wanted = objects.map((object): [string, DynamicObject] => {
      const draft = copyPlain(object) as unknown as DynamicObject
      applyDefaults(kind, draft)
      return [draft.metadata?.name ?? '', draft]
    })
    return [{ kind, wanted: new Map(wanted) }]
  })
}

async function keep({ kind, wanted }: Kept, { cache, client }: KeeperOptions): Promise<void> {
  const name = wanted.metadata?.name ?? ''
  const existing = cache.resource(resourceKey(kind)).get(name)
  const plan = planDefault(existing?.object, wanted)
  if (plan === 'keep') return
  try {
    if (plan === 'create' || existing === undefined) await client.create(kind, copyPlain(wanted))
    else await client.update(kind, { ...copyPlain(existing.object), spec: copyPlain(wanted.spec) })
  } catch (error) {
    // Another server was quicker, or it has changed again: its own event comes.
    if (!isReason(error, 'AlreadyExists', 'NotFound', 'Conflict')) throw error
  }
}
