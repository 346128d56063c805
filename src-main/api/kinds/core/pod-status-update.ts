import { duplicate, forbidden, invalid, type FieldError } from '../../field-error.ts'
import { checkEach, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { ipFamily, ipProblems } from '../../meta/ip.ts'
import { dnsSubdomainProblems, qualifiedNameProblems } from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus } from '../../types/core-v1.ts'

/** What may be said of a pod: its class is settled when it is made, and what has ended for good stays so. */
export function validatePodStatus({ spec, status }: Pod, previous: Pod): FieldError[] {
  const { nominatedNodeName = '', observedGeneration } = status ?? {}
  const before = previous.status
  return [
    ...validateConditions(status?.conditions, 'status.conditions'),
    ...(spec?.nodeName === previous.spec?.nodeName
      ? []
      : [forbidden('status.nodeName', 'may not be changed directly')]),
    ...(nominatedNodeName === '' || nominatedNodeName === before?.nominatedNodeName
      ? []
      : problemsAt('status.nominatedNodeName', nominatedNodeName, dnsSubdomainProblems(nominatedNodeName))),
    ...checkGeneration('status.observedGeneration', observedGeneration),
    ...checkUnchanged('status.qosClass', status?.qosClass, before?.qosClass),
    ...(['containerStatuses', 'initContainerStatuses'] as const).flatMap((list) =>
      validateEnded(status?.[list], before?.[list], `status.${list}`, (one) => mayRestart(previous.spec, one)),
    ),
    // Nobody starts these again, whatever the policy of the pod says.
    ...validateEnded(
      status?.ephemeralContainerStatuses,
      before?.ephemeralContainerStatuses,
      'status.ephemeralContainerStatuses',
      () => false,
    ),
    ...validateClaims(status?.resourceClaimStatuses, spec, 'status.resourceClaimStatuses'),
    ...validateAddresses(status?.podIPs, before?.podIPs, 'status.podIPs'),
    ...validateHostAddresses(status ?? {}, before?.hostIPs, 'status.hostIPs'),
  ]
}

const checkGeneration = (path: string, generation = 0): FieldError[] =>
  generation < 0 ? [invalid(path, generation, 'must be a non-negative integer')] : []

const own = new Set(['PodScheduled', 'Ready', 'Initialized'])

function validateConditions(conditions: PodStatus['conditions'], path: string): FieldError[] {
  return checkEach(path, conditions, ({ type, observedGeneration }, at) => [
    ...checkGeneration(`${at}.observedGeneration`, observedGeneration),
    // The field is written so in errors of Kubernetes.
    ...(own.has(type) ? [] : problemsAt(`${at}.Type`, type, qualifiedNameProblems(type))),
  ])
}

function validateClaims(
  claims: PodStatus['resourceClaimStatuses'],
  spec: PodSpec | undefined,
  path: string,
): FieldError[] {
  const known = new Set((spec?.resourceClaims ?? []).map(({ name }) => name))
  const isRepeat = repeats()
  return checkEach(path, claims, ({ name, resourceClaimName: claim }, at) => [
    ...(known.has(name)
      ? []
      : [invalid(`${at}.name`, name, 'must match the name of an entry in `spec.resourceClaims`')]),
    ...(isRepeat(name) ? [duplicate(`${at}.name`, name)] : []),
    ...(claim === undefined ? [] : problemsAt(`${at}.name`, claim, dnsSubdomainProblems(claim))),
  ])
}

type Addresses = readonly { readonly ip?: string }[] | undefined

/** Addresses that were there may stay, whatever they are; of each family there is at most one. */
function validateAddresses(now: Addresses, before: Addresses, path: string): FieldError[] {
  const known = new Set((before ?? []).map(({ ip }) => ip))
  const families = new Set((now ?? []).map(({ ip = '' }) => ipFamily(ip)))
  const count = (now ?? []).length
  const isPair = count < 2 || (count === 2 && families.has(4) && families.has(6))
  return [
    ...checkEach(path, now, ({ ip = '' }, at) => (known.has(ip) ? [] : problemsAt(at, ip, ipProblems(ip)))),
    ...(isPair ? [] : [invalid(path, now, 'may specify no more than one IP for each IP family')]),
  ]
}

function validateHostAddresses({ hostIP = '', hostIPs }: PodStatus, before: Addresses, path: string): FieldError[] {
  const first = hostIPs?.[0]
  if (first === undefined) return []
  return [
    ...(first.ip === hostIP ? [] : [invalid(`${path}[0].ip`, first.ip, 'must be equal to `hostIP`')]),
    ...validateAddresses(hostIPs, before, path),
  ]
}

type Statuses = readonly ContainerStatus[] | undefined

function validateEnded(
  now: Statuses,
  before: Statuses,
  path: string,
  restarts: (status: ContainerStatus) => boolean,
): FieldError[] {
  return checkEach(path, before, (old, at) => {
    if (old.state?.terminated === undefined || restarts(old)) return []
    const same = now?.find(({ name }) => name === old.name)
    return same === undefined || same.state?.terminated !== undefined
      ? []
      : [forbidden(`${at}.state`, 'may not be transitioned to non-terminated state')]
  })
}

function mayRestart(spec: PodSpec | undefined, { name, state }: ContainerStatus): boolean {
  const all: readonly Container[] = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const container = all.find((one) => one.name === name)
  const rules = container?.restartPolicyRules ?? []
  const restartsAll = all.some((one) => one.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'))
  if (spec?.restartPolicy === 'Always' || restartsAll || rules.length > 0) return true
  const policy = container?.restartPolicy ?? spec?.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && state?.terminated?.exitCode !== 0)
}
