import { duplicate, forbidden, invalid, required, type FieldError } from '../../../field-error.ts'
import { checkEach, checkNotNegative, checkOneOf, checkOptionalOneOf, problemsAt } from '../../../meta/field-checks.ts'
import { ipProblems } from '../../../meta/ip.ts'
import { dnsLabelProblems, dnsSubdomainProblems, qualifiedNameProblems } from '../../../meta/names.ts'
import { validateAnnotations, validateLabels } from '../../../meta/validate-labels.ts'
import type { PodSpec, PodTemplateSpec, Volume } from '../../../types/core-v1.ts'
import { validateHostPorts } from './container-ports.ts'
import type { ExactQuantity } from '../../../meta/quantity.ts'
import { repeats } from '../../../meta/repeats.ts'
import { validateHostUsers, validatePodSecurity } from './container-security.ts'
import { validateContainers, validateInitContainers, type ContainerSurroundings } from './containers.ts'
import { containersOf } from './defaults.ts'
import { validateEphemeralContainers } from './ephemeral-containers.ts'
import { validateOperatingSystem } from './operating-system.ts'
import { validatePlacement } from './placement.ts'
import { containerRequests } from './pod-level-resources.ts'
import { validateClaimUses, validatePodClaims } from './resource-claims.ts'
import { validatePodResources, validateResources } from './resources.ts'
import { validateTolerations } from './tolerations.ts'
import { validateVolumes } from './volumes.ts'

/** Checks the spec of a pod or of a template, after defaults. `claims` are volumes that its pods get besides its own. */
export function validatePodSpec(spec: PodSpec | undefined, path: string, claims: readonly string[] = []): FieldError[] {
  if (spec === undefined) return [required(`${path}.containers`)]
  const around: ContainerSurroundings = {
    volumes: new Map([...(spec.volumes ?? []), ...claims.map(claimVolume)].map((volume) => [volume.name, volume])),
    hostNetwork: spec.hostNetwork === true,
    hostUsers: spec.hostUsers !== false,
    restarts: spec.restartPolicy !== 'Never',
    graceSeconds: spec.terminationGracePeriodSeconds ?? 0,
    names: new Set(),
  }
  return [
    ...validateVolumes(spec.volumes, `${path}.volumes`),
    ...validateContainers(spec.containers, around, `${path}.containers`),
    ...validateInitContainers(spec.initContainers, around, `${path}.initContainers`),
    ...validateEphemeralContainers(spec, `${path}.ephemeralContainers`),
    ...validateHostPorts(spec.containers, `${path}.containers`),
    ...checkOneOf(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...validateDns(spec, path),
    ...validateTimes(spec, path),
    ...validateNames(spec, path),
    ...validatePlacement(spec, path),
    ...validateTolerations(spec.tolerations, `${path}.tolerations`),
    ...validatePodSecurity(spec.securityContext, spec, `${path}.securityContext`),
    ...validateHostUsers(spec, path),
    ...validateOperatingSystem(spec, path),
    ...validateSizes(spec, path),
    ...validatePodClaims(spec.resourceClaims, `${path}.resourceClaims`),
    ...validateClaimUses(spec, path),
    ...validateSharing(spec, path),
  ]
}

/** An amount that cannot be read has its own error already. */
function validateSizes(spec: PodSpec, path: string): FieldError[] {
  const errors = [
    ...validateResources({ limits: spec.overhead ?? {} }, `${path}.overhead`),
    ...checkOptionalOneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['Never', 'PreemptLowerPriority']),
  ]
  if (spec.resources === undefined) return errors
  const readable = containersOf(spec).every(({ resources }) => validateResources(resources, '').length === 0)
  const together = readable ? containerRequests(spec) : new Map<string, ExactQuantity>()
  return [...errors, ...validatePodResources(spec.resources, together, `${path}.resources`)]
}

function validateDns({ dnsPolicy, dnsConfig, hostAliases }: PodSpec, path: string): FieldError[] {
  const errors = checkOneOf(`${path}.dnsPolicy`, dnsPolicy, [
    'ClusterFirstWithHostNet',
    'ClusterFirst',
    'Default',
    'None',
  ])
  const nameservers = dnsConfig?.nameservers ?? []
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    errors.push(
      required(`${path}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'),
    )
  }
  if (nameservers.length > 3) {
    errors.push(invalid(`${path}.dnsConfig.nameservers`, nameservers, 'must not have more than 3 nameservers'))
  }
  return [
    ...errors,
    ...validateSearches(dnsConfig?.searches ?? [], `${path}.dnsConfig.searches`),
    ...checkEach(`${path}.dnsConfig.options`, dnsConfig?.options, ({ name = '' }, at) =>
      name === '' ? [required(at, 'must not be empty')] : [],
    ),
    ...checkEach(`${path}.dnsConfig.nameservers`, nameservers, (ip, at) => problemsAt(at, ip, ipProblems(ip))),
    ...checkEach(`${path}.hostAliases`, hostAliases, ({ ip = '', hostnames }, at) => [
      ...problemsAt(`${at}.ip`, ip, ipProblems(ip)),
      ...checkEach(`${at}.hostnames`, hostnames, (name) =>
        problemsAt(`${at}.hostnames`, name, dnsSubdomainProblems(name)),
      ),
    ]),
  ]
}

const mostSearches = 32
const longestSearches = 2048
const searchExpression = /^_?[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\._?[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*$/

/** Domains as the resolver takes them: with underscores, a final dot, or a dot alone (KEP-4427). */
function validateSearches(searches: readonly string[], path: string): FieldError[] {
  const together = searches.join(' ').length
  const words = `must not have more than ${longestSearches} characters (including spaces) in the search list`
  return [
    ...(searches.length > mostSearches
      ? [invalid(path, searches, `must not have more than ${mostSearches} search paths`)]
      : []),
    ...(together > longestSearches ? [invalid(path, searches, words)] : []),
    ...checkEach(path, searches, (search, at) => {
      const bare = search.replace(/\.$/, '')
      return bare === '' || searchExpression.test(bare) ? [] : problemsAt(at, search, dnsSubdomainProblems(bare))
    }),
  ]
}

function validateTimes({ terminationGracePeriodSeconds, activeDeadlineSeconds }: PodSpec, path: string): FieldError[] {
  const errors = checkNotNegative(`${path}.terminationGracePeriodSeconds`, terminationGracePeriodSeconds)
  const outside =
    activeDeadlineSeconds !== undefined && (activeDeadlineSeconds < 1 || activeDeadlineSeconds > 2_147_483_647)
  const words = 'must be between 1 and 2147483647, inclusive'
  return outside ? [...errors, invalid(`${path}.activeDeadlineSeconds`, activeDeadlineSeconds, words)] : errors
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const { hostname = '', subdomain = '', serviceAccountName = '', schedulerName = '', priorityClassName = '' } = spec
  const optional = (field: string, value: string, rule: (text: string) => string[]): FieldError[] =>
    value === '' ? [] : problemsAt(`${path}.${field}`, value, rule(value))
  const isRepeatedGate = repeats()
  return [
    ...optional('hostname', hostname, dnsLabelProblems),
    ...optional('subdomain', subdomain, dnsLabelProblems),
    ...optional('serviceAccountName', serviceAccountName, dnsSubdomainProblems),
    ...optional('schedulerName', schedulerName, qualifiedNameProblems),
    ...optional('priorityClassName', priorityClassName, dnsSubdomainProblems),
    ...checkEach(`${path}.readinessGates`, spec.readinessGates, ({ conditionType = '' }, at) =>
      problemsAt(`${at}.conditionType`, conditionType, qualifiedNameProblems(conditionType)),
    ),
    ...optional('runtimeClassName', spec.runtimeClassName ?? '', dnsSubdomainProblems),
    ...checkEach(`${path}.schedulingGates`, spec.schedulingGates, ({ name = '' }, at) => [
      ...problemsAt(at, name, qualifiedNameProblems(name)),
      ...(isRepeatedGate(name) ? [duplicate(at, name)] : []),
    ]),
  ]
}

function validateSharing({ hostPID, shareProcessNamespace }: PodSpec, path: string): FieldError[] {
  if (hostPID !== true || shareProcessNamespace !== true) return []
  const words = 'ShareProcessNamespace and HostPID cannot both be enabled'
  return [invalid(`${path}.shareProcessNamespace`, shareProcessNamespace, words)]
}

const claimVolume = (name: string): Volume => ({ name, persistentVolumeClaim: { claimName: name } })

/** Checks a workload's template. `claims` are the names of the claims that each of its pods gets. */
export function validatePodTemplate(
  template: PodTemplateSpec | undefined,
  path: string,
  claims: readonly string[] = [],
): FieldError[] {
  const ephemeral = template?.spec?.ephemeralContainers ?? []
  const words = 'ephemeral containers not allowed in pod template'
  return [
    ...validateLabels(template?.metadata?.labels, `${path}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(template?.spec, `${path}.spec`, claims),
    ...(ephemeral.length > 0 ? [forbidden(`${path}.spec.ephemeralContainers`, words)] : []),
  ]
}
