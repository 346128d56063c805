/** Why a node does not take a pod that was given to it: pure. */
import { isSafeSysctl } from '../api/pod-security/sysctls-check.ts'
import type { Pod, PodSpec } from '../api/types/core-v1.ts'

export interface Refusal {
  readonly reason: string
  readonly message: string
}

/** Kernel parameters must be the pod's own and known to be harmless. */
export function refusalOf({ spec = { containers: [] } }: Pod): Refusal | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const shared = sharedWithNode(name, spec)
    if (isSafeSysctl(name) && shared === undefined) continue
    const why = shared === undefined ? 'not allowlisted' : `not allowed with host ${shared} enabled`
    return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${JSON.stringify(name)} ${why}` }
  }
  return undefined
}

function sharedWithNode(name: string, { hostNetwork, hostIPC }: PodSpec): string | undefined {
  if (hostNetwork === true && /^net[./]/.test(name)) return 'net'
  return hostIPC === true && /^kernel[./]shm/.test(name) ? 'ipc' : undefined
}
