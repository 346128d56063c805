/** The container that holds a pod's network, IPC and host name: pure. */
import type { Pod } from '../api/types/core-v1.ts'
import { cgroupOf } from './container-config.ts'
import { note } from './pod-containers.ts'
import type { ContainerConfig } from './runtime/runtime.ts'

export const pauseImage = 'orrery.dev/pause:1'

export interface ClusterDns {
  /** The address of the cluster's DNS service. */
  readonly address: string
  /** `cluster.local`. */
  readonly domain: string
}

export function sandboxConfig(pod: Pod, attempt: number, address: string, dns: ClusterDns): ContainerConfig {
  const { metadata, spec } = pod
  const onHost = spec?.hostNetwork === true
  const resolver = resolverOf(pod, dns)
  const sysctls = Object.fromEntries((spec?.securityContext?.sysctls ?? []).map(({ name, value }) => [name, value]))
  return {
    identity: {
      podUid: metadata?.uid ?? '',
      podNamespace: metadata?.namespace ?? '',
      podName: metadata?.name ?? '',
      role: 'sandbox',
      container: '',
      attempt,
    },
    notes: { [note.address]: address },
    image: pauseImage,
    env: [],
    network: { type: onHost ? 'host' : 'none' },
    ...(onHost ? {} : { hostName: hostNameOf(pod) }),
    hostPid: spec?.hostPID === true,
    hostIpc: spec?.hostIPC === true,
    ...(resolver === undefined ? {} : { dns: resolver }),
    mounts: [],
    resources: { cpuShares: 2 },
    cgroupParent: cgroupOf(pod),
    security: Object.keys(sysctls).length === 0 ? {} : { sysctls },
    stdin: false,
    stdinOnce: false,
    tty: false,
  }
}

/** A host name has at most 63 characters and does not end in a dash or dot. */
export function hostNameOf({ metadata, spec }: Pod): string {
  const name = spec?.hostnameOverride ?? spec?.hostname ?? metadata?.name ?? ''
  return name.slice(0, 63).replace(/[-.]+$/, '')
}

/** Undefined: the worker's own. */
function resolverOf({ metadata, spec }: Pod, { address, domain }: ClusterDns): ContainerConfig['dns'] {
  const policy = spec?.dnsPolicy ?? 'ClusterFirst'
  const own = spec?.dnsConfig ?? {}
  const options = (own.options ?? []).map(({ name = '', value }) => (value === undefined ? name : `${name}:${value}`))
  const usesCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && spec?.hostNetwork !== true)
  if (usesCluster) {
    const searches = [`${metadata?.namespace ?? 'default'}.svc.${domain}`, `svc.${domain}`, domain]
    const named = new Set(options.map((option) => option.split(':')[0]))
    return {
      servers: [...new Set([address, ...(own.nameservers ?? [])])],
      searches: [...new Set([...searches, ...(own.searches ?? [])])],
      options: [...(named.has('ndots') ? [] : ['ndots:5']), ...options],
    }
  }
  if (policy !== 'None') return undefined
  return { servers: own.nameservers ?? [], searches: own.searches ?? [], options }
}
