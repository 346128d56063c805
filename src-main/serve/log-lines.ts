import type { LogEntry, LogLevel } from '../lib/log.ts'

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** Writes log entries of at least `least` as lines: time, level, component, message. */
export function logLines(least: LogLevel, write: (line: string) => void): (entry: LogEntry) => void {
  return ({ time, level, component, message }) => {
    if (rank[level] < rank[least]) return
    write(`${new Date(time).toISOString()} ${level.padEnd(5)} ${component}: ${message}`)
  }
}

export const isLogLevel = (text: string | undefined): text is LogLevel => text !== undefined && text in rank
