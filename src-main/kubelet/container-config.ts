/** What the runtime is to make of one container of a pod: pure. */
import type { Container, Pod } from '../api/types/core-v1.ts'
import type { Action } from './actions.ts'
import { ConfigError } from './config-error.ts'
import { resourcesOf } from './container-resources.ts'
import { expand } from './expand.ts'
import { note, podLabel, specHash } from './pod-containers.ts'
import type { ContainerConfig, ContainerSecurity, Mount } from './runtime/runtime.ts'

export interface ContainerParts {
  readonly variables: ReadonlyMap<string, string>
  readonly mounts: readonly Mount[]
  /** The file on the worker for the container's last words. */
  readonly terminationLog: string | undefined
  /** The container whose processes this one sees. */
  readonly pidsOf?: string
}

export function containerConfig(
  pod: Pod,
  action: Extract<Action, { type: 'start-container' }>,
  parts: ContainerParts,
): ContainerConfig {
  const { entry, sandbox, attempt, crashes } = action
  const { container, role } = entry
  const { variables, mounts, terminationLog, pidsOf } = parts
  const { metadata, spec } = pod
  const expanded = (words: readonly string[] | undefined): string[] | undefined =>
    words === undefined || words.length === 0 ? undefined : words.map((word) => expand(word, variables))
  const command = expanded(container.command)
  const args = expanded(container.args)
  return {
    identity: {
      podUid: metadata?.uid ?? '',
      podNamespace: metadata?.namespace ?? '',
      podName: metadata?.name ?? '',
      role,
      container: container.name,
      attempt,
    },
    notes: {
      [note.sandbox]: sandbox.id,
      [note.specHash]: specHash(container),
      [note.crashes]: String(crashes),
      ...(terminationLog === undefined ? {} : { [note.terminationLog]: terminationLog }),
    },
    image: container.image ?? '',
    ...(command === undefined ? {} : { command }),
    // A command without arguments takes the image's arguments away as well.
    ...(args !== undefined ? { args } : command === undefined ? {} : { args: [] }),
    env: [...variables].map(([name, value]) => `${name}=${value}`),
    ...(container.workingDir === undefined ? {} : { workingDirectory: container.workingDir }),
    network: {
      type: 'sandbox',
      sandboxId: sandbox.id,
      sharePids: spec?.shareProcessNamespace === true,
      ...(pidsOf === undefined ? {} : { pidsOf }),
    },
    hostPid: spec?.hostPID === true,
    hostIpc: spec?.hostIPC === true,
    mounts,
    resources: resourcesOf(container),
    cgroupParent: cgroupOf(pod),
    security: securityOf(pod, container),
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    ...(container.lifecycle?.stopSignal === undefined ? {} : { stopSignal: container.lifecycle.stopSignal }),
  }
}

/** One group for all containers of a pod. */
export function cgroupOf({ metadata, status }: Pod): string {
  const qos = status?.qosClass === 'Guaranteed' ? '' : `/${(status?.qosClass ?? 'BestEffort').toLowerCase()}`
  return `/kubepods${qos}/pod${metadata?.uid ?? ''}`
}

function securityOf({ spec }: Pod, { securityContext: own = {} }: Container): ContainerSecurity {
  const shared = spec?.securityContext ?? {}
  const user = own.runAsUser ?? shared.runAsUser
  const group = own.runAsGroup ?? shared.runAsGroup
  const groups = [...(shared.supplementalGroups ?? []), ...(shared.fsGroup === undefined ? [] : [shared.fsGroup])]
  const filter = own.seccompProfile?.type ?? shared.seccompProfile?.type
  return {
    ...(user === undefined && group === undefined
      ? {}
      : { user: group === undefined ? `${user}` : `${user ?? 0}:${group}` }),
    ...(groups.length === 0 ? {} : { supplementalGroups: groups.map(String) }),
    privileged: own.privileged === true,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem === true,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    confined: filter === 'RuntimeDefault' || filter === 'Localhost',
  }
}

/** Throws ConfigError when the container must not run as root and would, or nobody can tell. */
export function refuseRoot(pod: Pod, { name, securityContext: own = {} }: Container, imageUser: string): void {
  const shared = pod.spec?.securityContext ?? {}
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) !== true) return
  const user = String(own.runAsUser ?? shared.runAsUser ?? imageUser.split(':')[0])
  const about = `(pod: "${podLabel(pod)}", container: ${name})`
  if (user === '' || user === '0' || user === 'root') {
    const given = own.runAsUser ?? shared.runAsUser
    const what = given === undefined ? 'image will run as root' : "container's runAsUser breaks non-root policy"
    throw new ConfigError('CreateContainerConfigError', `container has runAsNonRoot and ${what} ${about}`)
  }
  if (/^\d+$/.test(user)) return
  const message = `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${about}`
  throw new ConfigError('CreateContainerConfigError', message)
}
