import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/events.ts'
import type { Informers } from '../client/informers.ts'
import type { Probe } from '../glass/probe.ts'
import type { Clock } from '../lib/clock.ts'
import type { Disposable } from '../lib/disposable.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'

/** What every controller is given. */
export interface ControllerContext {
  /** Writes under the controller's own identity. */
  readonly client: Client
  /** Caches that all controllers share. */
  readonly informers: Informers
  readonly events: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly probe: Probe
}

export type StartController = (context: ControllerContext) => Disposable
