/** The figures of one benchmark: printed as they come, kept as JSON with the machine named. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

export interface ResultFile {
  note(name: string, value: unknown): void
  save(): void
}

export function openResults(benchmark: string): ResultFile {
  const figures: Record<string, unknown> = {
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
  }
  return {
    note(name, value) {
      figures[name] = value
      console.log(`${name.padEnd(52)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    },
    /** Figures of a run with other settings than the usual ones are not kept. */
    save() {
      if (Object.keys(process.env).some((name) => name.startsWith('BENCH_'))) return
      const folder = join(import.meta.dirname, 'results')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `${benchmark}.json`), `${JSON.stringify(figures, undefined, 2)}\n`)
    },
  }
}
