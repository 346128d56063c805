/** Says in the status of every flow schema whether there is the priority level that it names. */
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import { withCondition } from '../../api/meta/conditions.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { FlowSchema, FlowSchemaCondition } from '../../api/types/flowcontrol-v1.ts'
import type { Client } from '../../client/client.ts'
import { timestamp, type Clock } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError, type Log } from '../../lib/log.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { KindRegistry } from '../kind-registry.ts'

const group = 'flowcontrol.apiserver.k8s.io'

export interface DanglingOptions {
  readonly cache: WatchCache
  readonly kinds: KindRegistry
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
}

/** The conditions of the schema as they should be; undefined when they are. */
export function planDangling(schema: FlowSchema, isFound: boolean, now: string): FlowSchemaCondition[] | undefined {
  const level = levelOf(schema)
  const about = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`
  const condition = isFound
    ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${about} and it exists` }
    : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${about} but there is no such object` }
  const known = (schema.status?.conditions ?? []).map((one) => ({
    ...one,
    type: one.type ?? '',
    status: one.status ?? '',
  }))
  const { conditions, changed } = withCondition(known, condition, now)
  return changed ? conditions : undefined
}

/** The schema with the status that it has when its level is made together with it. */
export function withFoundLevel(schema: FlowSchema, nowUnixMs: number): FlowSchema {
  const conditions = planDangling(schema, true, timestamp(nowUnixMs))
  return conditions === undefined ? schema : { ...schema, status: { conditions } }
}

const levelOf = ({ spec }: FlowSchema): string => spec?.priorityLevelConfiguration.name ?? ''

/** Runs until disposed. Several servers may do so at once. */
export function startDanglingStatus(options: DanglingOptions): Disposable {
  const { cache, log } = options
  const schemas = cache.resource(`${group}/flowschemas`)
  const levels = cache.resource(`${group}/prioritylevelconfigurations`)
  const waiting = new Set<string>()
  let ended = false
  let running: Promise<void> | undefined

  const enqueue = (name: string): void => {
    if (ended) return
    waiting.add(name)
    running ??= work().finally(() => {
      running = undefined
    })
  }
  const work = async (): Promise<void> => {
    // Not in the turn in which the cache takes a change in.
    await Promise.resolve()
    for (const name of waiting) {
      if (ended) return
      waiting.delete(name)
      await writeStatus(name, options).catch((error: unknown) =>
        log.warn('the status of a flow schema could not be written', { name, error: describeError(error) }),
      )
    }
  }
  const following = [
    schemas.follow((_previous, next) => {
      if (next !== undefined) enqueue(next.key)
    }),
    levels.follow((previous, next) => {
      if (previous !== undefined && next !== undefined) return
      const level = (next ?? previous)?.key
      for (const { key, object } of schemas.list({}))
        if (levelOf(object as unknown as FlowSchema) === level) enqueue(key)
    }),
  ]
  return {
    async dispose() {
      ended = true
      for (const one of following) await one.dispose()
      await running
    },
  }
}

async function writeStatus(name: string, { cache, kinds, client, clock }: DanglingOptions): Promise<void> {
  const kind = kinds.find(group, 'v1', 'flowschemas') as Kind<DynamicObject> | undefined
  const stored = cache.resource(`${group}/flowschemas`).get(name)
  if (kind === undefined || stored === undefined) return
  const schema = stored.object as unknown as FlowSchema
  const isFound = cache.resource(`${group}/prioritylevelconfigurations`).get(levelOf(schema)) !== undefined
  const conditions = planDangling(schema, isFound, timestamp(clock.now()))
  if (conditions === undefined) return
  const { uid = '', resourceVersion = String(stored.revision) } = schema.metadata ?? {}
  const patch = { metadata: { uid, resourceVersion }, status: { conditions } }
  try {
    await client.patch(kind, { name }, { type: 'merge', patch }, { subresource: 'status' })
  } catch (error) {
    // It is gone, or has changed: its own event comes.
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}
