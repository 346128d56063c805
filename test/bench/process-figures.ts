import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** Resident memory of a process in MiB. */
export function residentMiB(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kilobytes ?? 0) / 1024)
}

/** CPU seconds that a process has used, all threads. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** The share of one core that a process uses over `durationMs`, in percent. */
export async function cpuPercent(pid: number, durationMs: number): Promise<number> {
  const before = cpuSeconds(pid)
  await new Promise((resolve) => setTimeout(resolve, durationMs))
  return Math.round(((cpuSeconds(pid) - before) / (durationMs / 1000)) * 1000) / 10
}
