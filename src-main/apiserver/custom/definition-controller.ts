/** Grants CRDs their names, has them served, and removes their objects before they go. Several servers may do so at once. */
import { cleanupFinalizer, planDefinitionStatus, planTermination } from '../../api/custom/definition/plan-status.ts'
import { customKinds } from '../../api/custom/custom-kinds.ts'
import type { Kind } from '../../api/define-kind.ts'
import { isReason } from '../../api/errors.ts'
import { customResourceDefinition } from '../../api/kinds/apiextensions/custom-resource-definition.ts'
import { splitKey, type DynamicObject } from '../../api/meta/object.ts'
import type { CustomResourceDefinition } from '../../api/types/apiextensions-v1.ts'
import { timestamp } from '../../lib/clock.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { describeError } from '../../lib/log.ts'
import { byPhase } from '../admission/admission.ts'
import type { ServerParts } from '../operation.ts'
import { ownOperation } from '../own-operation.ts'
import { deleteObject } from '../registry/delete.ts'
import { resourceKey } from '../registry/keys.ts'
import { samePlain } from '../registry/plain.ts'
import { updateObject } from '../registry/update.ts'
import { definitionsResource } from './definitions.ts'

/** How long until we look again whether finalizers of objects have been taken away, or after a failure. */
const lookAgainMs = 1000
/** Objects that are deleted at once. */
const batchSize = 100

export function startDefinitionController(parts: ServerParts): Disposable {
  const { cache, clock, log } = parts
  const resource = cache.resource(definitionsResource)
  const waiting = new Set<string>()
  const timers = new Map<string, Disposable>()
  let ended = false
  let running: Promise<void> | undefined

  const enqueue = (name: string): void => {
    if (ended) return
    waiting.add(name)
    running ??= work().finally(() => {
      running = undefined
    })
  }
  const later = (name: string): void => {
    void timers.get(name)?.dispose()
    timers.set(
      name,
      clock.after(lookAgainMs, () => {
        timers.delete(name)
        enqueue(name)
      }),
    )
  }
  const work = async (): Promise<void> => {
    // Not in the turn in which the cache takes a change in.
    await Promise.resolve()
    for (const name of waiting) {
      if (ended) return
      waiting.delete(name)
      try {
        if ((await reconcile(parts, name)) === 'again') later(name)
      } catch (error) {
        if (isReason(error, 'NotFound')) continue
        if (!isReason(error, 'Conflict'))
          log.warn('a custom resource definition could not be brought up to date', {
            name,
            error: describeError(error),
          })
        later(name)
      }
    }
  }

  const following = resource.follow((previous, next) => {
    const stored = next ?? previous
    if (stored === undefined) return
    if (next !== undefined) enqueue(next.key)
    // Its names may be what another one waits for.
    if (previous === undefined) return
    const { spec } = stored.object as unknown as CustomResourceDefinition
    for (const other of definitionsOf(parts, spec.group)) if (other !== stored.key) enqueue(other)
  })
  return {
    async dispose() {
      ended = true
      await following.dispose()
      for (const timer of timers.values()) await timer.dispose()
      await running
    },
  }
}

/** The names of the CRDs of a group. */
function definitionsOf({ cache }: ServerParts, group: string): string[] {
  return cache
    .resource(definitionsResource)
    .list({ matches: (object) => (object as unknown as CustomResourceDefinition).spec.group === group })
    .map(({ key }) => key)
}

async function reconcile(parts: ServerParts, name: string): Promise<'done' | 'again'> {
  const stored = parts.cache.resource(definitionsResource).get(name)
  if (stored === undefined) return 'done'
  const definition = stored.object as unknown as CustomResourceDefinition
  if (definition.metadata?.deletionTimestamp === undefined) {
    await change(parts, name, 'status', (current) => withStatus(parts, current))
    return 'done'
  }
  if (definition.metadata.finalizers?.includes(cleanupFinalizer) !== true) return 'done'
  return terminate(parts, name, definition)
}

function withStatus(parts: ServerParts, definition: CustomResourceDefinition): CustomResourceDefinition {
  const { metadata, spec } = definition
  const others = parts.cache
    .resource(definitionsResource)
    .list({})
    .map(({ object }) => object as unknown as CustomResourceDefinition)
    .filter((other) => other.spec.group === spec.group && other.metadata?.name !== metadata?.name)
  return { ...definition, status: planDefinitionStatus(definition, others, timestamp(parts.clock.now())) }
}

async function terminate(
  parts: ServerParts,
  name: string,
  definition: CustomResourceDefinition,
): Promise<'done' | 'again'> {
  const now = (): string => timestamp(parts.clock.now())
  const staged = (stage: 'in-progress' | 'completed') => (current: CustomResourceDefinition) => ({
    ...current,
    status: planTermination(current.status, stage, now()),
  })
  await change(parts, name, 'status', staged('in-progress'))
  if ((await removeObjects(parts, definition)) > 0) return 'again'
  await change(parts, name, 'status', staged('completed'))
  await change(parts, name, '', (current) => ({
    ...current,
    metadata: {
      ...current.metadata,
      finalizers: (current.metadata?.finalizers ?? []).filter((one) => one !== cleanupFinalizer),
    },
  }))
  return 'done'
}

/** How many are left: those that wait for their finalizers. */
async function removeObjects(parts: ServerParts, definition: CustomResourceDefinition): Promise<number> {
  const { spec } = definition
  const { names, group } = spec
  // What is served without this CRD is not its to delete.
  if (parts.kinds.isBuiltIn(group, names.plural)) return 0
  const storage = customKinds(definition).find(({ version }) =>
    spec.versions.some((one) => one.storage && one.name === version),
  )
  if (storage === undefined) return 0
  const resource = parts.cache.resource(resourceKey(storage))
  // Its owner has decided: no webhook is asked again.
  const unasked: ServerParts = { ...parts, admission: byPhase([]) }
  for (;;) {
    const batch = resource.list(
      { matches: ({ metadata }) => metadata?.deletionTimestamp === undefined },
      { limit: batchSize },
    )
    if (batch.length === 0) return resource.size
    await Promise.all(batch.map(({ key }) => remove(unasked, storage, key)))
  }
}

async function remove(parts: ServerParts, kind: Kind, key: string): Promise<void> {
  const { namespace = '', name } = splitKey(key)
  const deletion = { graceSeconds: undefined, propagation: undefined, preconditions: {}, dryRun: false }
  try {
    await deleteObject(parts, ownOperation(kind, 'delete', { namespace, name }), deletion)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

/** Writes what `to` makes of the CRD, unless that is what it is. */
async function change(
  parts: ServerParts,
  name: string,
  subresource: '' | 'status',
  to: (current: CustomResourceDefinition) => CustomResourceDefinition,
): Promise<void> {
  const current = parts.cache.resource(definitionsResource).get(name)?.object
  if (current === undefined) return
  const wanted = to(current as unknown as CustomResourceDefinition)
  if (samePlain(wanted, current)) return
  await updateObject(parts, ownOperation(customResourceDefinition, 'update', { name, subresource }), {
    dryRun: false,
    apply: (latest) => structuredClone(to(latest as unknown as CustomResourceDefinition)) as unknown as DynamicObject,
  })
}
