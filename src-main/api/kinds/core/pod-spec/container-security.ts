import { invalid, required, type FieldError } from '../../../field-error.ts'
import { checkOneOf } from '../../../meta/field-checks.ts'
import type { PodSecurityContext, SeccompProfile, SecurityContext } from '../../../types/core-v1.ts'

const idProblem = 'must be between 0 and 2147483647, inclusive'

function checkId(path: string, id: number | undefined): FieldError[] {
  return id !== undefined && (id < 0 || id > 2_147_483_647) ? [invalid(path, id, idProblem)] : []
}

function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return []
  const errors = checkOneOf(`${path}.type`, profile.type, ['Localhost', 'RuntimeDefault', 'Unconfined'])
  const local = profile.localhostProfile
  if (profile.type === 'Localhost' && (local ?? '') === '') {
    errors.push(required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'))
  }
  if (profile.type !== 'Localhost' && local !== undefined) {
    errors.push(invalid(`${path}.localhostProfile`, local, 'can only be set when seccomp type is Localhost'))
  }
  return errors
}

export function validatePodSecurity(context: PodSecurityContext | undefined, path: string): FieldError[] {
  return [
    ...checkId(`${path}.fsGroup`, context?.fsGroup),
    ...checkId(`${path}.runAsUser`, context?.runAsUser),
    ...checkId(`${path}.runAsGroup`, context?.runAsGroup),
    ...(context?.supplementalGroups ?? []).flatMap((id, index) => checkId(`${path}.supplementalGroups[${index}]`, id)),
    ...validateSeccomp(context?.seccompProfile, `${path}.seccompProfile`),
  ]
}

export function validateContainerSecurity(context: SecurityContext | undefined, path: string): FieldError[] {
  if (context === undefined) return []
  const { allowPrivilegeEscalation, privileged, capabilities } = context
  const errors = [
    ...checkId(`${path}.runAsUser`, context.runAsUser),
    ...checkId(`${path}.runAsGroup`, context.runAsGroup),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
  ]
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
