import { forbidden, type FieldError } from '../../../field-error.ts'
import { checkEach, sameValue } from '../../../meta/field-checks.ts'
import type { EphemeralContainer, PodSpec } from '../../../types/core-v1.ts'
import { takeName, validateBareImage, validateContainer, type ContainerSurroundings } from './containers.ts'

/** What makes no sense for a container that joins a running pod to look around. */
const refused = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

/** Containers that were added to a running pod, as `kubectl debug` does (KEP-277). */
export function validateEphemeralContainers(spec: PodSpec, around: ContainerSurroundings, path: string): FieldError[] {
  const others = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ name }) => name)
  const names = new Set(others)
  const words = 'cannot be set for an Ephemeral Container'
  return checkEach(path, spec.ephemeralContainers, (container, at) => [
    ...validateContainer(container, around, at),
    ...validateBareImage(container, at),
    ...takeName(container.name, names, at),
    ...validateTarget(container, others, at),
    ...refused.filter((field) => says(container[field])).map((field) => forbidden(`${at}.${field}`, words)),
    ...checkEach(`${at}.volumeMounts`, container.volumeMounts, (mount, place) =>
      (['subPath', 'subPathExpr'] as const)
        .filter((field) => (mount[field] ?? '') !== '')
        .map((field) => forbidden(`${place}.${field}`, words)),
    ),
  ])
}

/** An object without any field is what defaults leave of one that says nothing. */
const says = (value: unknown): boolean =>
  value !== undefined && (typeof value !== 'object' || value === null || Object.keys(value).length > 0)

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
