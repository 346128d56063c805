/** What a lab may leave on its host: compared before and after. */
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

export interface HostState {
  readonly namespaces: readonly string[]
  readonly links: readonly string[]
  readonly routes: readonly string[]
  readonly mounts: readonly string[]
  readonly cgroups: readonly string[]
  readonly rules: readonly string[]
  readonly processes: readonly string[]
}

const lines = (command: string, args: readonly string[]): string[] =>
  execFileSync(command, [...args], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')

export function hostState(): HostState {
  return {
    namespaces: lines('ip', ['netns', 'list']).map((line) => line.split(' ')[0] ?? ''),
    links: readdirSync('/sys/class/net').sort(),
    routes: lines('ip', ['route', 'show']),
    mounts: readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .sort(),
    cgroups: readdirSync('/sys/fs/cgroup/pids')
      .filter((name) => !name.includes('.'))
      .sort(),
    rules: lines('iptables-save', []).filter((line) => !line.startsWith('#') && !line.startsWith(':')),
    processes: lines('ps', ['-eo', 'comm=']).filter((name) =>
      /^(dockerd|containerd|dnsmasq|sshd|busybox|pause)/.test(name),
    ),
  }
}

/** What is on the host now and was not there before; what others have taken away meanwhile does not count. */
export function leftBehind(before: HostState, after: HostState = hostState()): string[] {
  return Object.entries(after).flatMap(([what, items]: [string, readonly string[]]) => {
    const known = [...before[what as keyof HostState]]
    return items.flatMap((item) => {
      const at = known.indexOf(item)
      if (at < 0) return [`${what}: ${item}`]
      known.splice(at, 1)
      return []
    })
  })
}

/** Why no sandbox worker can run here; undefined when one can. */
export function sandboxMissing(): string | undefined {
  if (process.platform !== 'linux') return 'sandbox workers need Linux'
  return process.getuid?.() === 0 ? undefined : 'sandbox workers need root'
}
