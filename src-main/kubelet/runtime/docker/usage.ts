import type { Disposable } from '../../../lib/disposable.ts'
import type { UsageSample } from '../runtime.ts'
import type { DockerConnection } from './connection.ts'
import { jsonLines } from './json-lines.ts'

/** What the engine says of a container once a second; of one that has ended, zeros. */
export interface EngineUsage {
  readonly read?: string
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } }
  readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> }
}

/** Undefined for what says nothing. Pages of files that nobody used of late do not count as used memory. */
export function usageSample({ read, cpu_stats: cpu, memory_stats: memory }: EngineUsage): UsageSample | undefined {
  const atMs = Date.parse(read ?? '')
  const cpuNanoseconds = cpu?.cpu_usage?.total_usage ?? 0
  if (Number.isNaN(atMs) || atMs <= 0 || cpuNanoseconds === 0) return undefined
  const reclaimable = memory?.stats?.total_inactive_file ?? memory?.stats?.inactive_file ?? 0
  return { atMs, cpuNanoseconds, memoryBytes: Math.max(0, (memory?.usage ?? 0) - reclaimable) }
}

/** Follows a container's usage on a connection of its own. When that breaks, the samples end. */
export function watchUsage(docker: DockerConnection, id: string, listener: (sample: UsageSample) => void): Disposable {
  const abort = new AbortController()
  const run = async (): Promise<void> => {
    const call = { method: 'GET', path: `/containers/${id}/stats`, query: { stream: 1 }, signal: abort.signal } as const
    for await (const usage of jsonLines<EngineUsage>(await docker.stream(call))) {
      const sample = usageSample(usage)
      if (sample !== undefined) listener(sample)
    }
  }
  // Whoever asks next opens a new one: there is nobody to tell.
  const ended = run().catch(() => undefined)
  return {
    async dispose() {
      abort.abort()
      await ended
    },
  }
}
