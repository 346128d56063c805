/** What restricted asks for beyond the baseline: a pod that gives up all that it does not need. */
import { addedCapabilities } from './baseline-checks.ts'
import { containerList, isWindows, namesWhere, plural, quoted, setters, type PodCheck } from './check.ts'

const allowPrivilegeEscalation: PodCheck = {
  id: 'allowPrivilegeEscalation',
  since: 8,
  check(pod, minor) {
    if (minor >= 25 && isWindows(pod)) return undefined
    const names = namesWhere(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
    if (names.length === 0) return undefined
    const detail = `${containerList(names)} must set securityContext.allowPrivilegeEscalation=false`
    return { reason: 'allowPrivilegeEscalation != false', detail }
  },
}

const capabilities: PodCheck = {
  id: 'capabilities_restricted',
  since: 22,
  replaces: 'capabilities_baseline',
  check(pod, minor) {
    if (minor >= 25 && isWindows(pod)) return undefined
    const keep = namesWhere(pod, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
    const added = addedCapabilities(pod, new Set(['NET_BIND_SERVICE']))
    const details = [
      ...(keep.length === 0 ? [] : [`${containerList(keep)} must set securityContext.capabilities.drop=["ALL"]`]),
      ...(added === undefined ? [] : [added]),
    ]
    return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
  },
}

const allowedVolumes = new Set([
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected'],
  'secret',
])

const restrictedVolumes: PodCheck = {
  id: 'restrictedVolumes',
  since: 0,
  replaces: 'hostPathVolumes',
  check({ spec }) {
    const types = new Set<string>()
    const names = (spec.volumes ?? []).flatMap(({ name, ...sources }) => {
      const bad = Object.keys(sources).filter((source) => !allowedVolumes.has(source))
      for (const source of bad) types.add(source)
      return bad.length === 0 ? [] : name
    })
    if (names.length === 0) return undefined
    const uses = `${plural(names.length, 'uses', 'use')} ${plural(types.size, 'restricted volume type')}`
    const detail = `${plural(names.length, 'volume')} ${quoted(names)} ${uses} ${quoted([...types].toSorted())}`
    return { reason: 'restricted volume types', detail }
  },
}

const runAsNonRoot: PodCheck = {
  id: 'runAsNonRoot',
  since: 0,
  check(pod) {
    const reason = 'runAsNonRoot != true'
    const ofPod = pod.spec.securityContext?.runAsNonRoot
    const who = setters(
      ofPod === false,
      namesWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false),
    )
    if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` }
    if (ofPod === true) return undefined
    const names = namesWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined)
    if (names.length === 0) return undefined
    return { reason, detail: `pod or ${containerList(names)} must set securityContext.runAsNonRoot=true` }
  },
}

const runAsUser: PodCheck = {
  id: 'runAsUser',
  since: 23,
  check(pod) {
    const who = setters(
      pod.spec.securityContext?.runAsUser === 0,
      namesWhere(pod, ({ securityContext }) => securityContext?.runAsUser === 0),
    )
    return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` }
  },
}

const isConfined = (type: string): boolean => type === 'RuntimeDefault' || type === 'Localhost'

const seccomp: PodCheck = {
  id: 'seccompProfile_restricted',
  since: 19,
  replaces: 'seccompProfile_baseline',
  check(pod, minor) {
    if (minor >= 25 && isWindows(pod)) return undefined
    const reason = 'seccompProfile'
    const values = new Set<string>()
    const isBad = (type: string | undefined): boolean => {
      if (type === undefined || isConfined(type)) return false
      values.add(type)
      return true
    }
    const ofPod = pod.spec.securityContext?.seccompProfile?.type
    const who = setters(
      isBad(ofPod),
      namesWhere(pod, ({ securityContext }) => isBad(securityContext?.seccompProfile?.type)),
    )
    if (who !== '') {
      const detail = `${who} must not set securityContext.seccompProfile.type to ${quoted([...values].toSorted())}`
      return { reason, detail }
    }
    if (ofPod !== undefined) return undefined
    const names = namesWhere(pod, ({ securityContext }) => securityContext?.seccompProfile === undefined)
    if (names.length === 0) return undefined
    const words = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return { reason, detail: `pod or ${containerList(names)} ${words}` }
  },
}

export const restrictedChecks: readonly PodCheck[] = [
  allowPrivilegeEscalation,
  capabilities,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccomp,
]
