import { duplicate, forbidden, invalid, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOneOf, problemsAt } from '../../../meta/field-checks.ts'
import { dnsLabelProblems } from '../../../meta/names.ts'
import type { Container, Volume } from '../../../types/core-v1.ts'
import { validateContainerPorts } from './container-ports.ts'
import { validateRestarts } from './container-restarts.ts'
import { validateContainerSecurity } from './container-security.ts'
import { validateEnvironment, validateEnvironmentSources } from './environment.ts'
import { validateLifecycle, validateProbes } from './probes.ts'
import { validateResources } from './resources.ts'
import { validateVolumeDevices, validateVolumeMounts } from './volume-mounts.ts'

/** What the pod says that its containers must fit. */
export interface ContainerSurroundings {
  readonly volumes: ReadonlyMap<string, Volume>
  readonly hostNetwork: boolean
  /** Its users are those of the node. */
  readonly hostUsers: boolean
  /** Its containers may be restarted, to resize them or otherwise. */
  readonly restarts: boolean
  readonly graceSeconds: number
  /** Names that are taken; each checked container adds its own. */
  readonly names: Set<string>
}

export const pullPolicies = ['Always', 'IfNotPresent', 'Never']
export const messagePolicies = ['FallbackToLogsOnError', 'File']

export function validateContainers(
  containers: readonly Container[] | undefined,
  around: ContainerSurroundings,
  path: string,
): FieldError[] {
  if (containers === undefined || containers.length === 0) return [required(path)]
  return checkEach(path, containers, (container, at) => [
    ...validateContainer(container, around, at),
    ...validateProbes(container, at),
    ...validateLifecycle(container, around.graceSeconds, at),
    ...validateRestarts(container, at),
  ])
}

/** Init containers run to their end, so only those that stay (`restartPolicy: Always`) may be probed. */
export function validateInitContainers(
  containers: readonly Container[] | undefined,
  around: ContainerSurroundings,
  path: string,
): FieldError[] {
  return checkEach(path, containers, (container, at) => {
    const errors = [...validateContainer(container, around, at), ...validateRestarts(container, at)]
    if (container.restartPolicy === 'Always') {
      return [...errors, ...validateProbes(container, at), ...validateLifecycle(container, around.graceSeconds, at)]
    }
    const words = 'may not be set for init containers without restartPolicy=Always'
    const refused = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const
    const found = refused.filter((field) => container[field] !== undefined)
    return [...errors, ...found.map((field) => forbidden(`${at}.${field}`, words))]
  })
}

function validateContainer(container: Container, around: ContainerSurroundings, path: string): FieldError[] {
  return [
    ...validateName(container, around.names, path),
    ...validateImage(container.image, path),
    ...checkOneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies),
    ...checkOneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
    ...validateContainerPorts(container.ports, around.hostNetwork, `${path}.ports`),
    ...validateEnvironment(container.env, `${path}.env`),
    ...validateEnvironmentSources(container.envFrom, `${path}.envFrom`),
    ...validateVolumeMounts(container, around.volumes, path),
    ...validateVolumeDevices(container, around.volumes, path),
    ...validateResources(container.resources, `${path}.resources`),
    ...validateResizePolicy(container, around.restarts, `${path}.resizePolicy`),
    ...validateContainerSecurity(container.securityContext, `${path}.securityContext`, around.hostUsers),
  ]
}

export function validateImage(image: string | undefined, path: string): FieldError[] {
  if (image === undefined || image === '') return [required(`${path}.image`)]
  const words = 'must not have leading or trailing whitespace'
  return image.trim() === image ? [] : [invalid(`${path}.image`, image, words)]
}

function validateName({ name }: Container, names: Set<string>, path: string): FieldError[] {
  if (name === undefined || name === '') return [required(`${path}.name`)]
  const errors = problemsAt(`${path}.name`, name, dnsLabelProblems(name))
  if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
  names.add(name)
  return errors
}

/** What a change of each resource does to the container (KEP-1287). */
function validateResizePolicy({ resizePolicy }: Container, restarts: boolean, path: string): FieldError[] {
  const resources = new Set<string>()
  const policies = ['NotRequired', 'RestartContainer']
  return checkEach(path, resizePolicy, ({ resourceName = '', restartPolicy }, at) => {
    const errors: FieldError[] = resources.has(resourceName) ? [duplicate(at, resourceName)] : []
    resources.add(resourceName)
    errors.push(
      ...checkOneOf(`${at}.resourceName`, resourceName, ['cpu', 'memory']),
      ...checkOneOf(`${at}.restartPolicy`, restartPolicy, policies),
    )
    const words = "must be 'NotRequired' when `restartPolicy` is 'Never'"
    if (!restarts && restartPolicy === 'RestartContainer') errors.push(invalid(at, restartPolicy, words))
    return errors
  })
}
