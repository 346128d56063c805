import { forbidden, invalid, notSupported, required, tooLong, type FieldError } from '../../../field-error.ts'
import { checkOptionalOneOf } from '../../../meta/field-checks.ts'
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../../../types/core-v1.ts'
import { validateSysctls } from './sysctls.ts'
import { checkDescendingPath } from './volume-mounts.ts'
import { validateWindowsOptions } from './windows-options.ts'

const idProblem = 'must be between 0 and 2147483647, inclusive'
/** What Linux takes as a path, without the zero behind it. */
const longestProfileName = 4095

function checkId(path: string, id: number | undefined): FieldError[] {
  return id !== undefined && (id < 0 || id > 2_147_483_647) ? [invalid(path, id, idProblem)] : []
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

function checkProfileType(path: string, type: string | undefined, field: string): FieldError[] {
  if (type === undefined || type === '') return [required(`${path}.type`, `type is required when ${field} is set`)]
  return profileTypes.includes(type) ? [] : [notSupported(`${path}.type`, type, profileTypes)]
}

function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return []
  const errors = checkProfileType(path, profile.type, 'seccompProfile')
  const local = profile.localhostProfile
  const at = `${path}.localhostProfile`
  if (profile.type === 'Localhost') {
    if (local === undefined) errors.push(required(at, 'must be set when seccomp type is Localhost'))
    else errors.push(...checkDescendingPath(at, local))
  } else if (local !== undefined) errors.push(invalid(at, profile, 'can only be set when seccomp type is Localhost'))
  return errors
}

function validateAppArmor(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return []
  const local = profile.localhostProfile
  const at = `${path}.localhostProfile`
  if (profile.type !== 'Localhost') {
    const errors = checkProfileType(path, profile.type, 'appArmorProfile')
    if (errors.length === 0 && local !== undefined)
      errors.push(invalid(at, local, 'can only be set when AppArmor type is Localhost'))
    return errors
  }
  if (local === undefined || local === '') return [required(at, 'must be set when AppArmor type is Localhost')]
  const errors = local.trim() === local ? [] : [invalid(at, local, 'must not be padded with whitespace')]
  if (local.length > longestProfileName) errors.push(tooLong(at, longestProfileName))
  return errors
}

/** The security context of a pod; `spec` says with which namespaces of the node it runs. */
export function validatePodSecurity(
  context: PodSecurityContext | undefined,
  spec: PodSpec,
  path: string,
): FieldError[] {
  return [
    ...checkId(`${path}.fsGroup`, context?.fsGroup),
    ...checkId(`${path}.runAsUser`, context?.runAsUser),
    ...checkId(`${path}.runAsGroup`, context?.runAsGroup),
    ...(context?.supplementalGroups ?? []).flatMap((id, index) => checkId(`${path}.supplementalGroups[${index}]`, id)),
    ...validateSharing(spec, `${path}.shareProcessNamespace`),
    ...validateSysctls(context?.sysctls, spec, `${path}.sysctls`),
    ...checkOptionalOneOf(`${path}.fsGroupChangePolicy`, context?.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(context?.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context?.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context?.appArmorProfile, `${path}.appArmorProfile`),
    ...checkOptionalOneOf(`${path}.supplementalGroupsPolicy`, context?.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...checkOptionalOneOf(`${path}.seLinuxChangePolicy`, context?.seLinuxChangePolicy, ['MountOption', 'Recursive']),
  ]
}

function validateSharing({ hostPID, shareProcessNamespace: shared }: PodSpec, path: string): FieldError[] {
  if (hostPID !== true || shared !== true) return []
  return [invalid(path, shared, 'ShareProcessNamespace and HostPID cannot both be enabled')]
}

/** `hostUsers`: the pod's users are those of the node. */
export function validateContainerSecurity(
  context: SecurityContext | undefined,
  path: string,
  hostUsers = true,
): FieldError[] {
  if (context === undefined) return []
  const { procMount } = context
  return [
    ...checkId(`${path}.runAsUser`, context.runAsUser),
    ...checkId(`${path}.runAsGroup`, context.runAsGroup),
    ...checkOptionalOneOf(`${path}.procMount`, procMount, ['Default', 'Unmasked']),
    ...(procMount === 'Unmasked' && hostUsers
      ? [invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`')]
      : []),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateEscalation(context, path),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ]
}

function validateEscalation(context: SecurityContext, path: string): FieldError[] {
  const { allowPrivilegeEscalation, privileged, capabilities } = context
  if (allowPrivilegeEscalation !== false) return []
  const cannot = 'cannot set `allowPrivilegeEscalation` to false and'
  const admins = (capabilities?.add ?? []).filter((one) => one === 'CAP_SYS_ADMIN')
  return [
    ...(privileged === true ? [invalid(path, context, `${cannot} \`privileged\` to true`)] : []),
    ...admins.map(() => invalid(path, context, `${cannot} \`capabilities.Add\` CAP_SYS_ADMIN`)),
  ]
}

/** With users of its own, a pod cannot share what belongs to the node's. */
export function validateHostUsers({ hostUsers, hostNetwork, hostPID, hostIPC }: PodSpec, path: string): FieldError[] {
  if (hostUsers !== false) return []
  // So Kubernetes calls them in its errors.
  const shared = Object.entries({ hostNetwork, HostPID: hostPID, HostIPC: hostIPC }).filter(
    ([, value]) => value === true,
  )
  return shared.map(([field]) => forbidden(`${path}.${field}`, 'when `pod.Spec.HostUsers` is false'))
}
