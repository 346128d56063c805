import type { ContainerConfig } from './runtime.ts'

/** What a simulated process does: it runs for a while, or for ever, and ends with a code. */
export interface SimulatedProgram {
  /** Undefined: until it is stopped. */
  readonly runMs: number | undefined
  readonly exitCode: number
}

const forever: SimulatedProgram = { runMs: undefined, exitCode: 0 }
const unitMs: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 }

/** Understands `true`, `false`, `rm`, `sleep N`, `exit N`, and these in `sh -c`, one after the other; all else runs for ever. */
export function simulatedProgram({
  command = [],
  args = [],
}: Pick<ContainerConfig, 'command' | 'args'>): SimulatedProgram {
  const words = [...command, ...args]
  const shell = /^(.*\/)?(sh|bash|ash)$/.test(words[0] ?? '') && words[1] === '-c'
  const statements = shell ? (words[2] ?? '').split(/;|&&|\n/).map((part) => part.trim().split(/\s+/)) : [words]
  let runMs = 0
  for (const [name = '', value = ''] of statements) {
    if (name === 'exit') return { runMs, exitCode: Number(value) || 0 }
    if (name === 'false') return { runMs, exitCode: 1 }
    if (name === 'true' || name === 'echo' || name === 'rm') continue
    const [, amount, unit] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(value) ?? []
    if (name !== 'sleep' || amount === undefined) return forever
    runMs += Number(amount) * (unitMs[unit ?? ''] ?? 1000)
  }
  return words.length === 0 ? forever : { runMs, exitCode: 0 }
}
