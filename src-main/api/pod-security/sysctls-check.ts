import type { PodCheck } from './check.ts'

/** Kernel parameters that are the pod's own, and since which minor version they are known to be harmless. */
const allowed: ReadonlyMap<string, number> = new Map([
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
])

/** Whether a pod may set this one without the node's consent. */
export const isSafeSysctl = (name: string): boolean => allowed.has(name.replaceAll('/', '.'))

export const sysctls: PodCheck = {
  id: 'sysctls',
  since: 0,
  check({ spec }, minor) {
    const names = (spec.securityContext?.sysctls ?? [])
      .map(({ name }) => name)
      .filter((name) => {
        const since = allowed.get(name)
        return since === undefined || minor < since
      })
    return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') }
  },
}
