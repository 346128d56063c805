/** The audit log as a file: a JSON object a line, with a few older files beside it. */
import { createWriteStream, openSync, renameSync, rmSync, statSync, type WriteStream } from 'node:fs'
import type { Disposable } from '../../lib/disposable.ts'
import type { AuditEvent, AuditSink } from './trail.ts'

export interface AuditLogFile extends Disposable {
  readonly sink: AuditSink
}

export interface AuditLogOptions {
  readonly path: string
  readonly maxBytes?: number
  /** How many older files are kept: `audit.log.1` is the newest of them. */
  readonly maxBackups?: number
  /** Told when lines cannot be written. */
  readonly failed: (error: Error) => void
}

const defaultMaxBytes = 20 * 1024 * 1024
const defaultMaxBackups = 5

/** Throws when the file cannot be opened; what fails later is told. */
export function openAuditLog(options: AuditLogOptions): AuditLogFile {
  const { path, maxBytes = defaultMaxBytes, maxBackups = defaultMaxBackups, failed } = options
  let bytes = sizeOf(path)
  let stream = open(path, failed)
  const ends: Promise<void>[] = []
  const rotate = (): void => {
    ends.push(ended(stream))
    rmSync(`${path}.${maxBackups}`, { force: true })
    for (let index = maxBackups - 1; index >= 1; index--) move(`${path}.${index}`, `${path}.${index + 1}`)
    move(path, `${path}.1`)
    stream = open(path, failed)
    bytes = 0
  }
  return {
    sink: (event: AuditEvent) => {
      const line = `${JSON.stringify(event)}\n`
      const size = Buffer.byteLength(line)
      if (bytes > 0 && bytes + size > maxBytes) rotate()
      bytes += size
      stream.write(line)
    },
    async dispose() {
      await Promise.all([...ends, ended(stream)])
    },
  }
}

function open(path: string, failed: (error: Error) => void): WriteStream {
  // Opened at once: a file that is moved away later must be there by then.
  const stream = createWriteStream(path, { fd: openSync(path, 'a', 0o600) })
  stream.on('error', failed)
  return stream
}

/** A file that could not be opened has ended as well. */
const ended = (stream: WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed) return resolve()
    stream.once('close', resolve)
    stream.end()
  })

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function move(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to)
}
