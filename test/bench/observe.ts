/** What a piece of work costs the server that does it. */
import type { MeasuredServer } from './measured-server.ts'

export interface Cost {
  readonly cpuMs: number
  readonly extraPeakMiB: number
  readonly longestStallMs: number
  readonly longestPauseMs: number
}

export const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20)
export const tenths = (value: number): number => Math.round(value * 10) / 10

export async function observe<T>(server: MeasuredServer, work: () => Promise<T>): Promise<T & Cost> {
  await server.reset()
  const before = await server.figures()
  const result = await work()
  const after = await server.figures()
  return {
    ...result,
    cpuMs: Math.round(after.cpuMs - before.cpuMs),
    extraPeakMiB: mebibytes(Math.max(0, after.peakResidentBytes - before.residentBytes)),
    longestStallMs: Math.round(after.longestStallMs),
    longestPauseMs: Math.round(after.longestPauseMs),
  }
}
