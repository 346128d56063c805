import type { Pod } from '../api/types/core-v1.ts'
import { describeError } from '../lib/log.ts'
import type { KubeletContext } from './context.ts'
import { containerEntries, note, type PodContainers } from './pod-containers.ts'
import type { ObservedContainer } from './runtime/runtime.ts'

/** Of longer last words the end is kept. */
const limitBytes = 4096
/** How much of a log stands in for last words. */
const logLines = 80
const logBytes = 2048
const retryMs = 1000

type MessageSources = Pick<KubeletContext, 'clock' | 'files' | 'log' | 'runtime'>

/** What the ended containers of one pod left in their termination logs; read once each. */
export class TerminationMessages {
  private readonly messages = new Map<string, string>()
  private readonly reading = new Map<string, Promise<void>>()
  private readonly context: MessageSources
  private readonly changed: () => void

  constructor(context: MessageSources, changed: () => void) {
    this.context = context
    this.changed = changed
  }

  /** By container id. */
  get known(): ReadonlyMap<string, string> {
    return this.messages
  }

  /** Whether something is being read: a status without it would tell half of how a container ended. */
  get pending(): boolean {
    return this.reading.size > 0
  }

  collect(pod: Pod, { containers }: PodContainers): void {
    for (const container of containers) {
      if (container.state !== 'exited' || this.messages.has(container.id) || this.reading.has(container.id)) continue
      this.reading.set(container.id, this.settle(pod, container))
    }
  }

  /** Resolves when all that is being read is known. */
  async settled(): Promise<void> {
    await Promise.all(this.reading.values())
  }

  private async settle(pod: Pod, container: ObservedContainer): Promise<void> {
    try {
      this.messages.set(container.id, await this.read(pod, container))
    } catch (error) {
      this.context.log.debug(`a termination log could not be read: ${describeError(error)}`)
      // The next thought reads again; not at once, for what failed now fails then.
      await this.context.clock.sleep(retryMs)
    } finally {
      this.reading.delete(container.id)
      this.changed()
    }
  }

  private async read(pod: Pod, { id, notes, identity, exitCode }: ObservedContainer): Promise<string> {
    const path = notes[note.terminationLog]
    const text = path === undefined ? '' : await this.lastOfFile(path)
    if (text !== '' || exitCode === 0) return text
    const entry = containerEntries(pod.spec).find(({ container }) => container.name === identity.container)
    return entry?.container.terminationMessagePolicy === 'FallbackToLogsOnError' ? this.lastOfLog(id) : ''
  }

  private async lastOfFile(path: string): Promise<string> {
    try {
      return endOf((await this.context.files.read(path)) ?? '', limitBytes)
    } catch (error) {
      // What the worker cannot read now it never can, and the container's end must be told all the same.
      if (error instanceof Error && 'code' in error && error.code === 'Failed')
        return `Error on reading termination log ${path}: ${error.message}`
      throw error
    }
  }

  private async lastOfLog(id: string): Promise<string> {
    const options = { follow: false, timestamps: false, tailLines: logLines }
    let text = ''
    for await (const part of await this.context.runtime.logs(id, options, new AbortController().signal)) {
      text = endOf(text + String(part), logBytes)
    }
    return text
  }
}

function endOf(text: string, bytes: number): string {
  return text.length * 3 <= bytes ? text : Buffer.from(text).subarray(-bytes).toString()
}
