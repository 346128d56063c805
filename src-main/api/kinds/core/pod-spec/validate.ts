import { duplicate, forbidden, invalid, required, tooLong, type FieldError } from '../../../field-error.ts'
import { checkEach, checkOneOf, checkOptionalOneOf, problemsAt } from '../../../meta/field-checks.ts'
import { ipProblems } from '../../../meta/ip.ts'
import { dnsLabelProblems, dnsSubdomainProblems, qualifiedNameProblems } from '../../../meta/names.ts'
import { validateAnnotations, validateLabels } from '../../../meta/validate-labels.ts'
import type { PodSpec, PodTemplateSpec, Volume } from '../../../types/core-v1.ts'
import { validateSharedPorts } from './container-ports.ts'
import type { ExactQuantity } from '../../../meta/quantity.ts'
import { repeats } from '../../../meta/repeats.ts'
import { validateHostUsers, validatePodSecurity } from './container-security.ts'
import { validateContainers, validateInitContainers, type ContainerSurroundings } from './containers.ts'
import { containersOf } from './defaults.ts'
import { validateEphemeralContainers } from './ephemeral-containers.ts'
import { validateOperatingSystem } from './operating-system.ts'
import { validateAffinity, validateSpreading } from './placement.ts'
import { containerRequests } from './pod-level-resources.ts'
import { validatePodClaims } from './resource-claims.ts'
import { validatePodResources, validateResources } from './resources.ts'
import { validateTolerations } from './tolerations.ts'
import { validateVolumes } from './volumes.ts'
import { validateHostProcesses } from './windows-options.ts'

/** Checks the spec of a pod or of a template, after defaults. `claims` are volumes that its pods get besides its own. */
export function validatePodSpec(
  spec: PodSpec | undefined,
  path: string,
  claims: readonly string[] = [],
  isPod = false,
): FieldError[] {
  if (spec === undefined) return [required(`${path}.containers`)]
  const around: ContainerSurroundings = {
    volumes: new Map([...(spec.volumes ?? []), ...claims.map(claimVolume)].map((volume) => [volume.name, volume])),
    hostUsers: spec.hostUsers !== false,
    restarts: spec.restartPolicy !== 'Never',
    graceSeconds: spec.terminationGracePeriodSeconds ?? 0,
    system: spec.os?.name,
    claims: (spec.resourceClaims ?? []).map(({ name }) => name),
    names: new Set(),
  }
  return [
    ...validateVolumes(spec.volumes, `${path}.volumes`),
    ...validatePodClaims(spec.resourceClaims, `${path}.resourceClaims`),
    ...validateContainers(spec.containers, around, `${path}.containers`),
    ...validateInitContainers(spec.initContainers, around, `${path}.initContainers`),
    ...validateEphemeralContainers(spec, around, `${path}.ephemeralContainers`),
    ...validateTotals(spec, `${path}.resources`),
    ...(spec.hostNetwork === true ? validateSharedPorts(spec.containers, isPod, `${path}.containers`) : []),
    ...checkOneOf(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...checkOneOf(`${path}.dnsPolicy`, spec.dnsPolicy, dnsPolicies),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurity(spec.securityContext, spec, `${path}.securityContext`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDns(spec, `${path}.dnsConfig`),
    ...validateGates(spec, path),
    ...validateSpreading(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateHostProcesses(spec, path),
    ...validateHostUsers(spec, path),
    ...validateIdentity(spec, path),
    ...validateTolerations(spec.tolerations, `${path}.tolerations`),
    ...validateAliases(spec.hostAliases, `${path}.hostAliases`),
    ...optionalName(`${path}.priorityClassName`, spec.priorityClassName, dnsSubdomainProblems),
    ...(spec.runtimeClassName === undefined
      ? []
      : problemsAt(`${path}.runtimeClassName`, spec.runtimeClassName, dnsSubdomainProblems(spec.runtimeClassName))),
    ...checkOptionalOneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
    ...validateResources({ limits: spec.overhead ?? {} }, `${path}.overhead`),
    ...validateOperatingSystem(spec, path),
  ]
}

/** An amount that cannot be read has its own error already. */
function validateTotals(spec: PodSpec, path: string): FieldError[] {
  if (spec.resources === undefined) return []
  const readable = containersOf(spec).every(({ resources }) => validateResources(resources, '').length === 0)
  const together = readable ? containerRequests(spec) : new Map<string, ExactQuantity>()
  return validatePodResources(spec.resources, together, readable ? spec.containers : [], path)
}

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

function validateDns({ dnsPolicy, dnsConfig }: PodSpec, path: string): FieldError[] {
  const nameservers = dnsConfig?.nameservers ?? []
  if (dnsPolicy === 'None' && dnsConfig === undefined)
    return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  if (dnsPolicy === 'None' && nameservers.length === 0)
    return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
  return [
    ...(nameservers.length > 3
      ? [invalid(`${path}.nameservers`, nameservers, 'must not have more than 3 nameservers')]
      : []),
    ...checkEach(`${path}.nameservers`, nameservers, (ip, at) => problemsAt(at, ip, ipProblems(ip))),
    ...validateSearches(dnsConfig?.searches ?? [], `${path}.searches`),
    ...checkEach(`${path}.options`, dnsConfig?.options, ({ name = '' }, at) =>
      name === '' ? [required(at, 'must not be empty')] : [],
    ),
  ]
}

const validateAliases = (aliases: PodSpec['hostAliases'], path: string): FieldError[] =>
  checkEach(path, aliases, ({ ip = '', hostnames }, at) => [
    ...problemsAt(`${at}.ip`, ip, ipProblems(ip)),
    ...checkEach(`${at}.hostnames`, hostnames, (name, place) => problemsAt(place, name, dnsSubdomainProblems(name))),
  ])

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
      return search === '.' || searchExpression.test(bare) ? [] : problemsAt(at, bare, dnsSubdomainProblems(bare))
    }),
  ]
}

const optionalName = (path: string, name = '', rule: (text: string) => string[]): FieldError[] =>
  name === '' ? [] : problemsAt(path, name, rule(name))

/** As whom a pod runs, where, how long, and what it is called there. */
function validateIdentity(spec: PodSpec, path: string): FieldError[] {
  const { activeDeadlineSeconds: deadline } = spec
  const words = 'must be between 1 and 2147483647, inclusive'
  return [
    ...optionalName(`${path}.serviceAccountName`, spec.serviceAccountName, dnsSubdomainProblems),
    ...optionalName(`${path}.nodeName`, spec.nodeName, dnsSubdomainProblems),
    ...(deadline !== undefined && (deadline < 1 || deadline > 2_147_483_647)
      ? [invalid(`${path}.activeDeadlineSeconds`, deadline, words)]
      : []),
    ...optionalName(`${path}.hostname`, spec.hostname, dnsLabelProblems),
    ...optionalName(`${path}.subdomain`, spec.subdomain, dnsLabelProblems),
    ...validateOverride(spec, path),
  ]
}

const longestHostname = 64

/** A name that goes before all others, so none of what makes up a name may be asked for beside it (KEP-4762). */
function validateOverride(
  { hostnameOverride: name, setHostnameAsFQDN, hostNetwork }: PodSpec,
  path: string,
): FieldError[] {
  if (name === undefined) return []
  const at = `${path}.hostnameOverride`
  return [
    ...problemsAt(at, name, dnsSubdomainProblems(name)),
    ...(name.length > longestHostname ? [tooLong(at, longestHostname)] : []),
    ...(setHostnameAsFQDN === true ? [forbidden(at, 'may not be set when `setHostnameAsFQDN` is true')] : []),
    ...(hostNetwork === true ? [forbidden(at, 'may not be set when `hostNetwork` is true')] : []),
  ]
}

function validateGates({ readinessGates, schedulingGates }: PodSpec, path: string): FieldError[] {
  const isRepeated = repeats()
  return [
    ...checkEach(`${path}.readinessGates`, readinessGates, ({ conditionType = '' }, at) =>
      problemsAt(`${at}.conditionType`, conditionType, qualifiedNameProblems(conditionType)),
    ),
    ...checkEach(`${path}.schedulingGates`, schedulingGates, ({ name = '' }, at) => [
      ...problemsAt(at, name, qualifiedNameProblems(name)),
      ...(isRepeated(name) ? [duplicate(at, name)] : []),
    ]),
  ]
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
