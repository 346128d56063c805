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

const idProblem = 'must be between 0 and 2147483647, inclusive'
const longestProfileName = 4096

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
    if ((local ?? '') === '') errors.push(required(at, 'must be set when seccomp type is Localhost'))
    else errors.push(...checkDescendingPath(at, local ?? ''))
  } else if (local !== undefined) errors.push(invalid(at, local, 'can only be set when seccomp type is Localhost'))
  return errors
}

function validateAppArmor(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return []
  const errors = checkProfileType(path, profile.type, 'appArmorProfile')
  const local = profile.localhostProfile
  const at = `${path}.localhostProfile`
  if (profile.type !== 'Localhost')
    return local === undefined
      ? errors
      : [...errors, invalid(at, local, 'can only be set when AppArmor type is Localhost')]
  if ((local ?? '').trim() === '') return [...errors, required(at, 'must be set when AppArmor type is Localhost')]
  if (local?.trim() !== local) errors.push(invalid(at, local, 'must not be padded with whitespace'))
  if ((local ?? '').length > longestProfileName) errors.push(tooLong(at, longestProfileName))
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
    ...checkOptionalOneOf(`${path}.supplementalGroupsPolicy`, context?.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...checkOptionalOneOf(`${path}.fsGroupChangePolicy`, context?.fsGroupChangePolicy, ['OnRootMismatch', 'Always']),
    ...checkOptionalOneOf(`${path}.seLinuxChangePolicy`, context?.seLinuxChangePolicy, ['MountOption', 'Recursive']),
    ...validateSysctls(context?.sysctls, spec, `${path}.sysctls`),
    ...validateSeccomp(context?.seccompProfile, `${path}.seccompProfile`),
    ...validateAppArmor(context?.appArmorProfile, `${path}.appArmorProfile`),
  ]
}

/** `hostUsers`: the pod's users are those of the node. */
export function validateContainerSecurity(
  context: SecurityContext | undefined,
  path: string,
  hostUsers = true,
): FieldError[] {
  if (context === undefined) return []
  const { allowPrivilegeEscalation, privileged, capabilities, procMount } = context
  const errors = [
    ...checkId(`${path}.runAsUser`, context.runAsUser),
    ...checkId(`${path}.runAsGroup`, context.runAsGroup),
    ...checkOptionalOneOf(`${path}.procMount`, procMount, ['Default', 'Unmasked']),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ]
  if (procMount === 'Unmasked' && hostUsers) {
    errors.push(invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  if (allowPrivilegeEscalation !== false) return errors
  if (privileged === true) {
    const words = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'
    errors.push(invalid(path, context, words))
  }
  if (capabilities?.add?.some((one) => one === 'CAP_SYS_ADMIN') === true) {
    const words = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'
    errors.push(invalid(path, context, words))
  }
  return errors
}

/** With users of its own, a pod cannot share what belongs to the node's. */
export function validateHostUsers({ hostUsers, hostNetwork, hostPID, hostIPC }: PodSpec, path: string): FieldError[] {
  if (hostUsers !== false) return []
  const shared = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, value]) => value === true)
  return shared.map(([field]) => forbidden(`${path}.${field}`, 'when `hostUsers` is false'))
}
