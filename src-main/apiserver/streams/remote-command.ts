/** What exec and attach need of a connection, whichever protocol carries it. */
import type { Status } from '../../api/types/meta-v1.ts'
import type { ProcessStreams } from '../node-agent.ts'

export interface WantedStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

export interface RemoteCommand {
  readonly streams: ProcessStreams
  /** Sends what is still on its way, then how it ended, and closes the connection. */
  finish(status: Status): Promise<void>
}

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** The sizes of a terminal: a slow reader sees only the newest one. */
export class TerminalSizes implements AsyncIterable<TerminalSize> {
  private latest: TerminalSize | undefined
  private ended = false
  private wake: (() => void) | undefined

  /** Takes a message of the client: JSON with `Width` and `Height`. What is not of that form is no size. */
  accept(message: string): void {
    let size: { Width?: unknown; Height?: unknown } | null
    try {
      size = JSON.parse(message) as { Width?: unknown; Height?: unknown } | null
    } catch {
      return
    }
    const [columns, rows] = [size?.Width, size?.Height]
    if (!isTerminalLength(columns) || !isTerminalLength(rows)) return
    this.latest = { columns, rows }
    this.wake?.()
  }

  end(): void {
    this.ended = true
    this.wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TerminalSize, void, undefined> {
    for (;;) {
      const size = this.latest
      this.latest = undefined
      if (size !== undefined) yield size
      else if (this.ended) return
      else await new Promise<void>((resolve) => (this.wake = resolve))
    }
  }
}

const isTerminalLength = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536

/** How a command ended, in the form in which clients look for its exit code. */
export function exitStatus(code: number): Status {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

/** What the error stream says at the end: the Status since version 4 of the protocols, before it the text of a failure. */
export function lastWord(status: Status, protocol: string): string {
  if (/^v[45]\./.test(protocol)) return JSON.stringify(status)
  return status.status === 'Success' ? '' : (status.message ?? '')
}
