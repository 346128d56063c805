import { duplicate, forbidden, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOneOf, problemsAt, sameValue } from '../../../meta/field-checks.ts'
import { dnsLabelProblems } from '../../../meta/names.ts'
import type { EphemeralContainer, PodSpec } from '../../../types/core-v1.ts'
import { validateContainerSecurity } from './container-security.ts'
import { messagePolicies, pullPolicies, validateImage } from './containers.ts'
import { validateEnvironment, validateEnvironmentSources } from './environment.ts'
import { validateVolumeMounts } from './volume-mounts.ts'

/** What makes no sense for a container that joins a running pod to look around. */
const refused = [
  'lifecycle',
  'livenessProbe',
  'ports',
  'readinessProbe',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'startupProbe',
] as const

/** Containers that were added to a running pod, as `kubectl debug` does (KEP-277). */
export function validateEphemeralContainers(spec: PodSpec, path: string): FieldError[] {
  const others = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ name }) => name)
  const names = new Set(others)
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]))
  return checkEach(path, spec.ephemeralContainers, (container, at) => [
    ...validateName(container, names, at),
    ...validateImage(container.image, at),
    ...checkOneOf(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies),
    ...checkOneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
    ...validateEnvironment(container.env, `${at}.env`),
    ...validateEnvironmentSources(container.envFrom, `${at}.envFrom`),
    ...validateVolumeMounts(container, volumes, at),
    ...(container.volumeMounts ?? []).flatMap(({ subPath = '', subPathExpr = '' }, index) => {
      const field = subPath === '' ? 'subPathExpr' : 'subPath'
      const words = 'cannot be set for an Ephemeral Container'
      return subPath + subPathExpr === '' ? [] : [forbidden(`${at}.volumeMounts[${index}].${field}`, words)]
    }),
    ...validateContainerSecurity(container.securityContext, `${at}.securityContext`, spec.hostUsers !== false),
    ...validateTarget(container, others, at),
    ...refused
      .filter((field) => container[field] !== undefined)
      .map((field) => forbidden(`${at}.${field}`, 'cannot be set for an Ephemeral Container')),
    ...(Object.keys(container.resources ?? {}).length > 0
      ? [forbidden(`${at}.resources`, 'cannot be set for an Ephemeral Container')]
      : []),
  ])
}

function validateName({ name = '' }: EphemeralContainer, names: Set<string>, path: string): FieldError[] {
  if (name === '') return [required(`${path}.name`)]
  const errors = problemsAt(`${path}.name`, name, dnsLabelProblems(name))
  if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
  names.add(name)
  return errors
}

function validateTarget(
  { targetContainerName: target = '' }: EphemeralContainer,
  others: readonly string[],
  path: string,
): FieldError[] {
  if (target === '' || others.includes(target)) return []
  return [{ type: 'FieldValueNotFound', path: `${path}.targetContainerName`, value: target, detail: '' }]
}

/** They can only become more: none may be changed or taken away. */
export function validateEphemeralContainersUpdate(
  now: readonly EphemeralContainer[] | undefined,
  before: readonly EphemeralContainer[] | undefined,
): FieldError[] {
  const path = 'spec.ephemeralContainers'
  return (before ?? []).flatMap((old) => {
    const same = now?.find(({ name }) => name === old.name)
    const words = `existing ephemeral containers ${JSON.stringify(old.name)} may not be`
    if (same === undefined) return [forbidden(path, `${words} removed\n`)]
    return sameValue(same, old) ? [] : [forbidden(path, `${words} changed\n`)]
  })
}
