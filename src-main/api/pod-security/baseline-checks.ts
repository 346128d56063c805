/** The baseline: nothing that is known to give a pod rights over its node. */
import { appArmorProfile } from './app-armor-check.ts'
import {
  containerList,
  namesWhere,
  plural,
  quoted,
  setters,
  type CheckedPod,
  type PodCheck,
  type Violation,
} from './check.ts'
import { seLinuxOptions } from './se-linux-check.ts'
import { sysctls } from './sysctls-check.ts'

const defaultCapabilities = new Set([
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP'],
  ...['SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
])

/** Capabilities that containers add beyond those that are allowed; undefined when none does. */
export function addedCapabilities(pod: CheckedPod, allowed: ReadonlySet<string>): string | undefined {
  const added = new Set<string>()
  const names = namesWhere(pod, ({ securityContext }) => {
    const more = (securityContext?.capabilities?.add ?? []).filter((one) => !allowed.has(one))
    for (const one of more) added.add(one)
    return more.length > 0
  })
  if (names.length === 0) return undefined
  return `${containerList(names)} must not include ${quoted([...added].toSorted())} in securityContext.capabilities.add`
}

const capabilities: PodCheck = {
  id: 'capabilities_baseline',
  since: 0,
  check(pod) {
    const detail = addedCapabilities(pod, defaultCapabilities)
    return detail === undefined ? undefined : { reason: 'non-default capabilities', detail }
  },
}

const hostNamespaces: PodCheck = {
  id: 'hostNamespaces',
  since: 0,
  check({ spec }) {
    const fields = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true)
    if (fields.length === 0) return undefined
    return { reason: 'host namespaces', detail: fields.map((field) => `${field}=true`).join(', ') }
  },
}

const hostPathVolumes: PodCheck = {
  id: 'hostPathVolumes',
  since: 0,
  check({ spec }) {
    const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name)
    if (names.length === 0) return undefined
    return { reason: 'hostPath volumes', detail: `${plural(names.length, 'volume')} ${quoted(names)}` }
  },
}

const hostPorts: PodCheck = {
  id: 'hostPorts',
  since: 0,
  check(pod) {
    const taken = new Set<string>()
    const names = namesWhere(pod, ({ ports = [] }) => {
      const own = ports.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : String(hostPort)))
      for (const port of own) taken.add(port)
      return own.length > 0
    })
    if (names.length === 0) return undefined
    const uses = plural(names.length, 'uses', 'use')
    const detail = `${containerList(names)} ${uses} ${plural(taken.size, 'hostPort')} ${[...taken].toSorted().join(', ')}`
    return { reason: 'hostPort', detail }
  },
}

const hostProbes: PodCheck = {
  id: 'hostProbesAndHostLifecycle',
  since: 34,
  check(pod) {
    const hosts = new Set<string>()
    const names = namesWhere(pod, (container) => {
      const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container
      const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop]
      const own = handlers
        .flatMap((handler) => [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? ''])
        .filter((host) => host !== '')
      for (const host of own) hosts.add(host)
      return own.length > 0
    })
    if (names.length === 0) return undefined
    const uses = plural(names.length, 'uses', 'use')
    const detail = `${containerList(names)} ${uses} probe or lifecycle ${plural(hosts.size, 'host')} ${quoted([...hosts].toSorted())}`
    return { reason: 'probe or lifecycle host', detail }
  },
}

/** A rule about one field that no container may set to a value. */
const perContainer = (
  id: string,
  reason: string,
  words: string,
  breaks: Parameters<typeof namesWhere>[1],
): PodCheck => ({
  id,
  since: 0,
  check(pod): Violation | undefined {
    const names = namesWhere(pod, breaks)
    return names.length === 0 ? undefined : { reason, detail: `${containerList(names)} ${words}` }
  },
})

const privileged = perContainer(
  'privileged',
  'privileged',
  'must not set securityContext.privileged=true',
  ({ securityContext }) => securityContext?.privileged === true,
)

const procMount: PodCheck = {
  id: 'procMount',
  since: 0,
  check(pod) {
    const values = new Set<string>()
    const names = namesWhere(pod, ({ securityContext }) => {
      const value = securityContext?.procMount ?? 'Default'
      if (value !== 'Default') values.add(value)
      return value !== 'Default'
    })
    if (names.length === 0) return undefined
    const detail = `${containerList(names)} must not set securityContext.procMount to ${quoted([...values].toSorted())}`
    return { reason: 'procMount', detail }
  },
}

const seccomp: PodCheck = {
  id: 'seccompProfile_baseline',
  since: 19,
  check(pod) {
    const isUnconfined = (type: string | undefined): boolean => type === 'Unconfined'
    const who = setters(
      isUnconfined(pod.spec.securityContext?.seccompProfile?.type),
      namesWhere(pod, ({ securityContext }) => isUnconfined(securityContext?.seccompProfile?.type)),
    )
    if (who === '') return undefined
    return {
      reason: 'seccompProfile',
      detail: `${who} must not set securityContext.seccompProfile.type to "Unconfined"`,
    }
  },
}

const windowsHostProcess: PodCheck = {
  id: 'windowsHostProcess',
  since: 0,
  check(pod) {
    const who = setters(
      pod.spec.securityContext?.windowsOptions?.hostProcess === true,
      namesWhere(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true),
    )
    if (who === '') return undefined
    return { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` }
  },
}

export const baselineChecks: readonly PodCheck[] = [
  appArmorProfile,
  capabilities,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinuxOptions,
  seccomp,
  sysctls,
  windowsHostProcess,
]
