/** A pod that says its operating system may not ask for what only the other one has (KEP-2802). */
import { forbidden, notSupported, required, type FieldError } from '../../../field-error.ts'
import type { PodSecurityContext, PodSpec, SecurityContext } from '../../../types/core-v1.ts'

const notOnWindows = 'cannot be set for a windows pod'
const notOnLinux = 'windows options cannot be set for a linux pod'

/** In the order in which Kubernetes names them; those of a pod alone stand in its spec, the others in its context. */
const ofPod: readonly (keyof PodSecurityContext | 'hostUsers' | 'hostPID' | 'hostIPC' | 'shareProcessNamespace')[] = [
  'appArmorProfile',
  'seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'shareProcessNamespace',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
]
const ofContainer: readonly (keyof SecurityContext)[] = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
]

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const

export function validateOperatingSystem(spec: PodSpec, path: string): FieldError[] {
  if (spec.os === undefined) return []
  const { name = '' } = spec.os
  if (name === '') return [required(`${path}.os.name`, 'cannot be empty')]
  if (name !== 'linux' && name !== 'windows') return [notSupported(`${path}.os`, name, ['linux', 'windows'])]
  return name === 'windows' ? onWindows(spec, path) : onLinux(spec, path)
}

function onWindows(spec: PodSpec, path: string): FieldError[] {
  return [
    ...ofPod.flatMap((field) => {
      switch (field) {
        case 'hostPID':
        case 'hostIPC':
          return spec[field] === true ? [forbidden(`${path}.${field}`, notOnWindows)] : []
        case 'hostUsers':
        case 'shareProcessNamespace':
          return spec[field] === undefined ? [] : [forbidden(`${path}.${field}`, notOnWindows)]
        default:
          return isGiven(spec.securityContext?.[field], field)
            ? [forbidden(`${path}.securityContext.${field}`, notOnWindows)]
            : []
      }
    }),
    ...eachContext(spec, path).flatMap(([at, context]) =>
      ofContainer
        .filter((field) => context?.[field] !== undefined)
        .map((field) => forbidden(`${at}.${field}`, notOnWindows)),
    ),
  ]
}

/** An empty list of kernel parameters asks for nothing. */
const isGiven = (value: unknown, field: string): boolean =>
  value !== undefined && !(field === 'sysctls' && Array.isArray(value) && value.length === 0)

function onLinux(spec: PodSpec, path: string): FieldError[] {
  const contexts: [string, { windowsOptions?: unknown } | undefined][] = [
    [`${path}.securityContext`, spec.securityContext],
    ...eachContext(spec, path),
  ]
  return contexts
    .filter(([, context]) => context?.windowsOptions !== undefined)
    .map(([at]) => forbidden(`${at}.windowsOptions`, notOnLinux))
}

/** The security contexts of all containers with their paths, in the order in which Kubernetes visits them. */
export function eachContext(spec: PodSpec, path: string): [string, SecurityContext | undefined][] {
  return lists.flatMap((list) =>
    (spec[list] ?? []).map(({ securityContext }, index): [string, SecurityContext | undefined] => [
      `${path}.${list}[${index}].securityContext`,
      securityContext,
    ]),
  )
}
