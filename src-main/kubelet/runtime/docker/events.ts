import { Backoff } from '../../../lib/backoff.ts'
import type { Clock } from '../../../lib/clock.ts'
import type { Disposable } from '../../../lib/disposable.ts'
import { describeError } from '../../../lib/log.ts'
import type { Random } from '../../../lib/random.ts'
import type { RuntimeEvent } from '../runtime.ts'
import type { DockerConnection } from './connection.ts'
import { jsonLines } from './json-lines.ts'
import { ownedLabel } from './labels.ts'

interface EngineEvent {
  readonly Type?: string
  readonly Action?: string
  readonly Actor?: { readonly ID?: string }
}

const filters = JSON.stringify({ type: ['container'], label: [ownedLabel] })
/** What changes neither a container's state nor ours: the noise of execs, logs and attaches. */
const ignored = /^(exec_|attach|detach|resize|top|export|copy|archive-path|extract-to-dir|health_status)/

/** Follows the engine's events, connecting again after each loss. */
export function watchEvents(
  docker: DockerConnection,
  clock: Clock,
  random: Random,
  listener: (event: RuntimeEvent) => void,
): Disposable {
  const abort = new AbortController()
  const backoff = new Backoff({ initialMs: 100, maximumMs: 10_000 }, random)
  const run = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      let reason = 'the engine ended its stream of events'
      try {
        const stream = await docker.stream({ method: 'GET', path: '/events', query: { filters }, signal: abort.signal })
        backoff.reset()
        listener({ type: 'connected' })
        await follow(stream, listener)
      } catch (error) {
        reason = describeError(error)
      }
      if (abort.signal.aborted) return
      listener({ type: 'disconnected', reason })
      await clock.sleep(backoff.next(), abort.signal).catch(() => undefined)
    }
  }
  const running = run()
  return {
    async dispose() {
      abort.abort()
      await running
    },
  }
}

async function follow(stream: NodeJS.ReadableStream, listener: (event: RuntimeEvent) => void): Promise<void> {
  for await (const { Action: action = '', Actor: actor } of jsonLines<EngineEvent>(stream))
    if (actor?.ID !== undefined && !ignored.test(action)) listener({ type: 'container', id: actor.ID, action })
}
