/** The lines of a log in chunks, the oldest dropped: memory stays bounded however long one follows. */
export interface LogChunk {
  readonly id: number
  readonly lines: readonly string[]
}

export interface LogLimits {
  readonly linesPerChunk: number
  readonly chunks: number
}

export const usualLimits: LogLimits = { linesPerChunk: 200, chunks: 50 }

/** What a terminal would act on and a page cannot: colours, cursor moves, and all but the end of overwritten lines. */
export function cleanLine(line: string): string {
  const plain = line.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '')
  const end = plain.replace(/\r+$/, '')

  return end.slice(end.lastIndexOf('\r') + 1).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
}

export class LogLines {
  private readonly limits: LogLimits
  private held: LogChunk[] = []
  private rest = ''
  private nextId = 0
  private lost = 0

  constructor(limits: LogLimits = usualLimits) {
    this.limits = limits
  }

  get chunks(): readonly LogChunk[] {
    return this.held
  }

  /** How many lines were dropped to stay within the limits. */
  get dropped(): number {
    return this.lost
  }

  /** Text as it arrives; a line counts when its end is there. */
  add(text: string): void {
    const parts = (this.rest + text).split('\n')
    this.rest = (parts.pop() ?? '').slice(-100_000)
    this.append(parts.map(cleanLine))
  }

  /** The log has ended: the last line needs no end of line. */
  finish(): void {
    if (this.rest !== '') this.append([cleanLine(this.rest)])
    this.rest = ''
  }

  private append(lines: readonly string[]): void {
    let left = lines
    const held = [...this.held]
    while (left.length > 0) {
      const last = held.at(-1)
      const room = last === undefined ? 0 : this.limits.linesPerChunk - last.lines.length
      if (last !== undefined && room > 0)
        held[held.length - 1] = { id: last.id, lines: [...last.lines, ...left.slice(0, room)] }
      else held.push({ id: this.nextId++, lines: left.slice(0, this.limits.linesPerChunk) })
      left = left.slice(room > 0 ? room : this.limits.linesPerChunk)
    }
    const surplus = held.splice(0, Math.max(0, held.length - this.limits.chunks))
    this.lost += surplus.reduce((sum, chunk) => sum + chunk.lines.length, 0)
    this.held = held
  }
}
