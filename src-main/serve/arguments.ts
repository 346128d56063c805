import type { LabWish } from '../app.ts'
import { providerNames } from '../machines/providers.ts'

export interface ServeArguments {
  readonly output: 'text' | 'json'
  /** What the user asked of the lab; what is absent stays as it is, or takes its default in a new lab. */
  readonly lab: LabWish
  /** Serve the UI and the API, and leave the lab as it is. */
  readonly idle: boolean
  readonly apiPort: number | undefined
  readonly uiPort: number | undefined
}

export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'Usage'
}

export const usage = `usage: npm start -- [--headless] [--output text|json] [--idle]
  [--provider ${providerNames.join('|')}] [--workers N] [--proxy-mode iptables|userspace] [--port N] [--ui-port N]`

/** Parses `--name value` and `--name=value`. Throws UsageError with the usage for anything else. */
export function parseArguments(words: readonly string[]): ServeArguments {
  const given = collect(words)
  const output = choice(given, 'output', ['text', 'json']) ?? 'text'
  const proxyMode = choice(given, 'proxy-mode', ['iptables', 'userspace'])
  const workers = whole(given, 'workers', 1, 5000)
  const provider = choice(given, 'provider', providerNames)
  return {
    output,
    idle: given.has('idle'),
    lab: {
      ...(provider === undefined ? {} : { provider }),
      ...(workers === undefined ? {} : { workers }),
      ...(proxyMode === undefined ? {} : { proxyMode }),
    },
    apiPort: whole(given, 'port', 0, 65_535),
    uiPort: whole(given, 'ui-port', 0, 65_535),
  }
}

const flags = new Set(['headless', 'idle'])
const options = new Set(['output', 'provider', 'workers', 'proxy-mode', 'port', 'ui-port'])

function collect(words: readonly string[]): Map<string, string> {
  const given = new Map<string, string>()
  for (let at = 0; at < words.length; at++) {
    const [, name = '', inline] = /^--([a-z-]+)(?:=(.*))?$/.exec(words[at] ?? '') ?? []
    if (flags.has(name) && inline === undefined) given.set(name, '')
    else if (!options.has(name)) throw new UsageError(`unknown argument ${words[at] ?? ''}\n${usage}`)
    else {
      const value = inline ?? words[++at]
      if (value === undefined || value.startsWith('--')) throw new UsageError(`--${name} needs a value\n${usage}`)
      given.set(name, value)
    }
  }
  return given
}

function choice<T extends string>(given: Map<string, string>, name: string, values: readonly T[]): T | undefined {
  const value = given.get(name)
  if (value === undefined) return undefined
  const found = values.find((one) => one === value)
  if (found === undefined) throw new UsageError(`--${name} takes ${values.join(' or ')}, not ${value}\n${usage}`)
  return found
}

function whole(given: Map<string, string>, name: string, least: number, most: number): number | undefined {
  const value = given.get(name)
  if (value === undefined) return undefined
  const parsed = Number(value)
  if (!/^\d+$/.test(value) || parsed < least || parsed > most) {
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not ${value}\n${usage}`)
  }
  return parsed
}
