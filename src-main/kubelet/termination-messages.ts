import { describeError } from '../lib/log.ts'
import type { KubeletContext } from './context.ts'
import { note, type PodContainers } from './pod-containers.ts'
import type { ObservedContainer } from './runtime/runtime.ts'

/** Longer last words are cut. */
const limitBytes = 4096

/** What the ended containers of one pod left in their termination logs; read once each. */
export class TerminationMessages {
  private readonly messages = new Map<string, string>()
  private readonly reading = new Map<string, Promise<void>>()
  private readonly context: KubeletContext
  private readonly changed: () => void

  constructor(context: KubeletContext, changed: () => void) {
    this.context = context
    this.changed = changed
  }

  /** By container id. */
  get known(): ReadonlyMap<string, string> {
    return this.messages
  }

  collect({ containers }: PodContainers): void {
    for (const container of containers) {
      if (container.state !== 'exited' || this.messages.has(container.id) || this.reading.has(container.id)) continue
      this.reading.set(container.id, this.read(container))
    }
  }

  /** Resolves when all that is being read is known. */
  async settled(): Promise<void> {
    await Promise.all(this.reading.values())
  }

  private async read({ id, notes }: ObservedContainer): Promise<void> {
    const path = notes[note.terminationLog]
    try {
      const text = path === undefined ? undefined : await this.context.files.read(path)
      this.messages.set(id, (text ?? '').slice(0, limitBytes))
      if (text !== undefined && text !== '') this.changed()
    } catch (error) {
      // The next thought reads again.
      this.context.log.debug(`a termination log could not be read: ${describeError(error)}`)
    } finally {
      this.reading.delete(id)
    }
  }
}
