import type { Kind } from '../api/define-kind.ts'
import { isReason } from '../api/errors.ts'
import { splitKey, type KubernetesObject } from '../api/meta/object.ts'
import type { Facts, Probe } from '../glass/probe.ts'
import type { BackoffOptions } from '../lib/backoff.ts'
import type { Clock } from '../lib/clock.ts'
import { DisposableStack, type Disposable } from '../lib/disposable.ts'
import { describeError, type Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { ControllerSource } from './controller-sources.ts'
import { WorkQueue } from './workqueue.ts'

export interface ReconcileContext {
  /** Aborts when the controller stops. */
  readonly signal: AbortSignal
  /** To be passed on with every write: the key, and the newest revision that brought it here. */
  readonly cause: { readonly key: string; readonly revision?: number }
}

export type ReconcileResult = { readonly requeueAfterMs: number } | undefined

export interface ControllerOptions<T extends KubernetesObject> {
  readonly name: string
  /** The kind that the keys name, for spans and logs. */
  readonly kind: Kind<T>
  /** What sets off which keys. Work begins when all their caches are filled. */
  readonly sources: readonly ControllerSource[]
  /** How many keys are worked on at once; absent: 1. One key never runs twice at once. */
  readonly workers?: number
  readonly backoff?: BackoffOptions
  /** Makes the world fit the object of this key. Throw to be called again after a growing delay. */
  reconcile(key: string, context: ReconcileContext): Promise<ReconcileResult> | Promise<void>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
}

/** Lets anything beside the sources (a timer, a message) set off a key. */
export interface RunningController extends Disposable {
  enqueue(key: string): void
}

/** Runs a controller until it is disposed; disposing waits for the reconciles that are under way. */
export function runController<T extends KubernetesObject>(options: ControllerOptions<T>): RunningController {
  const { clock, random, sources, backoff } = options
  const queue = new WorkQueue({ clock, random, ...(backoff === undefined ? {} : { backoff }) })
  const revisions = new Map<string, number>()
  const abort = new AbortController()
  const started = new DisposableStack()

  const enqueue = (key: string, revision?: number): void => {
    if (revision !== undefined) revisions.set(key, Math.max(revision, revisions.get(key) ?? 0))
    queue.add(key)
  }
  for (const source of sources) started.use(source.subscribe(enqueue))

  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      const revision = revisions.get(key)
      revisions.delete(key)
      const cause = { key, ...(revision === undefined ? {} : { revision }) }
      await reconcileOnce(options, queue, { signal: abort.signal, cause })
      queue.done(key)
    }
  }
  const ended = Promise.all(sources.map((source) => source.synced(abort.signal))).then(
    () => Promise.all(Array.from({ length: options.workers ?? 1 }, work)),
    // Only stopping before the caches were filled ends the wait.
    () => undefined,
  )
  return {
    enqueue: (key) => enqueue(key),
    async dispose() {
      await started.dispose()
      queue.shutDown()
      abort.abort(new Error(`the ${options.name} controller was stopped`))
      await ended
    },
  }
}

async function reconcileOnce<T extends KubernetesObject>(
  options: ControllerOptions<T>,
  queue: WorkQueue,
  context: ReconcileContext,
): Promise<void> {
  const { probe, log, name } = options
  const { key } = context.cause
  const facts = factsOf(options, context)
  try {
    await probe.gate('reconcile', facts, context.signal)
    if (context.signal.aborted) return
    const result = await probe.span('reconcile', facts, () => options.reconcile(key, context))
    queue.forget(key)
    if (result !== undefined) queue.addAfter(key, result.requeueAfterMs)
  } catch (error) {
    if (context.signal.aborted) return
    // Someone else wrote first: the watch brings the newer state, and the next try reads it.
    if (isReason(error, 'Conflict')) log.debug(`${name}: ${key} changed meanwhile, trying again`)
    else log.warn(`${name}: ${key} failed, trying again later: ${describeError(error)}`, { key })
    queue.addRateLimited(key)
  }
}

function factsOf<T extends KubernetesObject>(options: ControllerOptions<T>, { cause }: ReconcileContext): Facts {
  const { namespace, name } = splitKey(cause.key)
  return {
    controller: options.name,
    'k8s.object.kind': options.kind.kind,
    'k8s.namespace.name': namespace,
    'k8s.object.name': name,
    'cause.revision': cause.revision,
  }
}
