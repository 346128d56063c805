/** A pod that says its operating system may not ask for what only the other one has (KEP-2802). */
import { forbidden, notSupported, required, type FieldError } from '../../../field-error.ts'
import type { PodSecurityContext, PodSpec, SecurityContext } from '../../../types/core-v1.ts'

const notOnWindows = 'cannot be set for a windows pod'
const notOnLinux = 'windows options cannot be set for a linux pod'

const podFields: readonly (keyof PodSpec)[] = ['hostPID', 'hostIPC', 'shareProcessNamespace']
const podSecurity: readonly (keyof PodSecurityContext)[] = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
]
const containerSecurity: readonly (keyof SecurityContext)[] = [
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

/** Fields that say something: a switch that is off asks for nothing. */
const given = <T extends object>(holder: T | undefined, fields: readonly (keyof T & string)[]): string[] =>
  fields.filter((field) => holder?.[field] !== undefined)

export function validateOperatingSystem(spec: PodSpec, path: string): FieldError[] {
  if (spec.os === undefined) return []
  const { name = '' } = spec.os
  if (name === '') return [required(`${path}.os.name`, 'cannot be empty')]
  if (name !== 'linux' && name !== 'windows') return [notSupported(`${path}.os.name`, name, ['linux', 'windows'])]
  return name === 'windows' ? onWindows(spec, path) : onLinux(spec, path)
}

function onWindows(spec: PodSpec, path: string): FieldError[] {
  const shared = podFields.filter(
    (field) => spec[field] === true || (field === 'shareProcessNamespace' && spec[field] !== undefined),
  )
  return [
    ...shared.map((field) => forbidden(`${path}.${field}`, notOnWindows)),
    ...(spec.hostUsers === undefined ? [] : [forbidden(`${path}.hostUsers`, notOnWindows)]),
    ...given(spec.securityContext, podSecurity as never).map((field) =>
      forbidden(`${path}.securityContext.${field}`, notOnWindows),
    ),
    ...eachContext(spec, path).flatMap(([at, context]) =>
      given(context, containerSecurity as never).map((field) => forbidden(`${at}.${field}`, notOnWindows)),
    ),
  ]
}

function onLinux(spec: PodSpec, path: string): FieldError[] {
  const contexts: [string, { windowsOptions?: unknown } | undefined][] = [
    [`${path}.securityContext`, spec.securityContext],
    ...eachContext(spec, path),
  ]
  return contexts
    .filter(([, context]) => context?.windowsOptions !== undefined)
    .map(([at]) => forbidden(`${at}.windowsOptions`, notOnLinux))
}

function eachContext(spec: PodSpec, path: string): [string, SecurityContext | undefined][] {
  return lists.flatMap((list) =>
    (spec[list] ?? []).map(({ securityContext }, index): [string, SecurityContext | undefined] => [
      `${path}.${list}[${index}].securityContext`,
      securityContext,
    ]),
  )
}
