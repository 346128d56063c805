import { resolve } from 'node:path'
import type { AuditWish, LabWish } from '../app.ts'
import { providerNames } from '../machines/providers.ts'
import type { EtcdPlace } from '../store/etcd.ts'

export interface ServeArguments {
  readonly output: 'text' | 'json'
  /** What the user asked of the lab; what is absent stays as it is, or takes its default in a new lab. */
  readonly lab: LabWish
  /** Serve the UI and the API, and leave the lab as it is. */
  readonly idle: boolean
  readonly apiPort: number | undefined
  readonly uiPort: number | undefined
  /** The etcd cluster for a new lab. */
  readonly etcd: EtcdPlace | undefined
  readonly audit: AuditWish
}

export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'Usage'
}

export const usage = `usage: npm start -- [--headless] [--output text|json] [--idle]
  [--etcd-servers URL,… [--etcd-cafile FILE] [--etcd-certfile FILE --etcd-keyfile FILE] [--etcd-prefix PATH]]
  [--audit-policy-file FILE] [--audit-log-path FILE] [--audit-log-maxsize MEGABYTES] [--audit-log-maxbackup N]
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
    etcd: etcdPlace(given),
    audit: auditWish(given),
  }
}

const flags = new Set(['headless', 'idle'])
/** The names are those of kube-apiserver. */
function etcdPlace(given: Map<string, string>): EtcdPlace | undefined {
  const servers = given.get('etcd-servers')
  const file = (name: string): string | undefined => {
    const path = given.get(name)
    return path === undefined ? undefined : resolve(path)
  }
  if (servers === undefined) {
    const other = [...given.keys()].find((name) => name.startsWith('etcd-'))
    if (other !== undefined) throw new UsageError(`--${other} goes with --etcd-servers\n${usage}`)
    return undefined
  }
  const endpoints = servers.split(',')
  const wrong = endpoints.find((endpoint) => !/^https?:\/\/[^/]+$/.test(endpoint))
  if (wrong !== undefined)
    throw new UsageError(`--etcd-servers takes addresses like http://127.0.0.1:2379, not ${wrong}\n${usage}`)
  return {
    endpoints,
    caFile: file('etcd-cafile'),
    certificateFile: file('etcd-certfile'),
    keyFile: file('etcd-keyfile'),
    root: given.get('etcd-prefix'),
  }
}

/** The names are those of kube-apiserver. */
function auditWish(given: Map<string, string>): AuditWish {
  const file = (name: string): string | undefined => {
    const path = given.get(name)
    return path === undefined ? undefined : resolve(path)
  }
  const megabytes = whole(given, 'audit-log-maxsize', 1, 100_000)
  return {
    policyFile: file('audit-policy-file'),
    logFile: file('audit-log-path'),
    maxBytes: megabytes === undefined ? undefined : megabytes * 1024 * 1024,
    maxBackups: whole(given, 'audit-log-maxbackup', 1, 10_000),
  }
}

const auditOptions = ['audit-policy-file', 'audit-log-path', 'audit-log-maxsize', 'audit-log-maxbackup']
const etcdOptions = ['etcd-servers', 'etcd-cafile', 'etcd-certfile', 'etcd-keyfile', 'etcd-prefix']
const options = new Set([
  ...etcdOptions,
  ...auditOptions,
  'output',
  'provider',
  'workers',
  'proxy-mode',
  'port',
  'ui-port',
])

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
