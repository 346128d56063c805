import { duplicate, forbidden, invalid, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOneOf, checkRequired, problemsAt } from '../../../meta/field-checks.ts'
import { dnsLabelProblems } from '../../../meta/names.ts'
import type { Container, Volume } from '../../../types/core-v1.ts'
import { validateContainerPorts, validateHostPorts } from './container-ports.ts'
import { validateRestarts } from './container-restarts.ts'
import { validateContainerSecurity } from './container-security.ts'
import { validateEnvironment, validateEnvironmentSources } from './environment.ts'
import { validateLifecycle, validateProbes } from './probes.ts'
import { validateClaimUses } from './resource-claims.ts'
import { validateResources } from './resources.ts'
import { validateVolumeDevices, validateVolumeMounts } from './volume-mounts.ts'

/** What the pod says that its containers must fit. */
export interface ContainerSurroundings {
  readonly volumes: ReadonlyMap<string, Volume>
  /** Its users are those of the node. */
  readonly hostUsers: boolean
  /** Its containers may be restarted, to resize them or otherwise. */
  readonly restarts: boolean
  readonly graceSeconds: number
  /** The operating system that the pod says it is for. */
  readonly system: string | undefined
  /** Names of the devices that the pod claims. */
  readonly claims: readonly string[]
  /** Names that are taken; each checked container adds its own. */
  readonly names: Set<string>
}

export const pullPolicies = ['Always', 'IfNotPresent', 'Never']
export const messagePolicies = ['File', 'FallbackToLogsOnError']

export function validateContainers(
  containers: readonly Container[] | undefined,
  around: ContainerSurroundings,
  path: string,
): FieldError[] {
  if (containers === undefined || containers.length === 0) return [required(path)]
  return [
    ...checkEach(path, containers, (container, at) => [
      ...validateContainer(container, around, at),
      ...takeName(container.name, around.names, at),
      ...validateLifecycle(container, around, at),
      ...validateProbes(container, at),
      ...validateRestarts(container, at),
    ]),
    ...validateHostPorts(containers, path),
  ]
}

/** Init containers run to their end, so only those that stay (`restartPolicy: Always`) may be probed. */
export function validateInitContainers(
  containers: readonly Container[] | undefined,
  around: ContainerSurroundings,
  path: string,
): FieldError[] {
  return checkEach(path, containers, (container, at) => {
    const errors = [
      ...validateContainer(container, around, at),
      ...validateRestarts(container, at),
      ...takeName(container.name, around.names, at),
      // They run one by one, so each is looked at alone; Kubernetes then calls it the first.
      ...validateHostPorts([container], path),
    ]
    if (container.restartPolicy === 'Always') {
      return [...errors, ...validateLifecycle(container, around, at), ...validateProbes(container, at)]
    }
    const words = 'may not be set for init containers without restartPolicy=Always'
    const refused = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const
    const found = refused.filter((field) => container[field] !== undefined)
    return [...errors, ...found.map((field) => forbidden(`${at}.${field}`, words))]
  })
}

/** What holds for containers of every sort. */
export function validateContainer(container: Container, around: ContainerSurroundings, path: string): FieldError[] {
  const { name = '' } = container
  return [
    ...(name === '' ? [required(`${path}.name`)] : problemsAt(`${path}.name`, name, dnsLabelProblems(name))),
    ...checkRequired(`${path}.image`, container.image),
    ...checkOneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies),
    ...validateContainerPorts(container.ports, `${path}.ports`),
    ...validateEnvironment(container.env, `${path}.env`),
    ...validateEnvironmentSources(container.envFrom, `${path}.envFrom`),
    ...validateVolumeMounts(container, around.volumes, path),
    ...validateVolumeDevices(container, around.volumes, path),
    ...checkOneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
    ...validateResources(container.resources, `${path}.resources`),
    ...validateClaimUses(container.resources?.claims, around.claims, `${path}.resources.claims`),
    ...validateResizePolicy(container, around.restarts, `${path}.resizePolicy`),
    ...validateContainerSecurity(container.securityContext, `${path}.securityContext`, around.hostUsers),
  ]
}

/** Templates may have more around the name of an image; pods may not. */
export function validateBareImage({ image = '' }: { image?: string }, path: string): FieldError[] {
  const words = 'must not have leading or trailing whitespace'
  return image.trim() === image ? [] : [invalid(`${path}.image`, image, words)]
}

/** No two containers of a pod have the same name, whatever their sort. */
export function takeName(name = '', names: Set<string>, path: string): FieldError[] {
  if (names.has(name)) return [duplicate(`${path}.name`, name)]
  names.add(name)
  return []
}

/** What a change of each resource does to the container (KEP-1287). */
function validateResizePolicy({ resizePolicy }: Container, restarts: boolean, path: string): FieldError[] {
  const resources = new Set<string>()
  const policies = ['NotRequired', 'RestartContainer']
  return checkEach(path, resizePolicy, ({ resourceName = '', restartPolicy }, at) => {
    const errors: FieldError[] = resources.has(resourceName) ? [duplicate(at, resourceName)] : []
    resources.add(resourceName)
    // But for repeats, Kubernetes names the list alone.
    errors.push(...checkOneOf(path, resourceName, ['cpu', 'memory']), ...checkOneOf(path, restartPolicy, policies))
    const words = "must be 'NotRequired' when `restartPolicy` is 'Never'"
    if (!restarts && restartPolicy !== 'NotRequired') errors.push(invalid(path, restartPolicy, words))
    return errors
  })
}
