/** The cluster addresses of a service and their families, which a service keeps once it has them. */
import { duplicate, forbidden, invalid, type FieldError } from '../../field-error.ts'
import { checkEach, checkOptionalOneOf, problemsAt } from '../../meta/field-checks.ts'
import { ipFamily, ipProblems } from '../../meta/ip.ts'
import { repeats } from '../../meta/repeats.ts'
import type { Service, ServiceSpec } from '../../types/core-v1.ts'
import { isHeadless, needsHealthCheck } from './service-facts.ts'

const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

export function validateServiceAddresses(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec
  const path = 'spec.clusterIPs'
  const about = (detail: string): FieldError => invalid(path, clusterIPs, detail)
  const isRepeat = repeats()
  const errors = [
    ...(clusterIP !== '' && clusterIPs.length > 0 && clusterIPs[0] !== clusterIP
      ? [about('first value must match `clusterIP`')]
      : []),
    ...(clusterIP === '' && clusterIPs.length > 0 ? [about('must be empty when `clusterIP` is not specified')] : []),
    ...checkEach('spec.ipFamilies', ipFamilies, (family, at) => [
      ...checkOptionalOneOf(at, family, ['IPv4', 'IPv6']),
      ...(isRepeat(family) ? [duplicate(at, family)] : []),
    ]),
    ...checkOptionalOneOf('spec.ipFamilyPolicy', ipFamilyPolicy, policies),
  ]
  const wrong = checkEach(path, clusterIPs, (ip, at, index) => {
    if (index > 0 || ip !== 'None') return problemsAt(at, ip, ipProblems(ip))
    return clusterIPs.length > 1 ? [about("'None' must be the first and only value")] : []
  })
  if (clusterIPs.length > 2) wrong.push(about('may only hold up to 2 values'))
  if (wrong.length > 0) return [...errors, ...wrong]
  const missing = validateOffered(spec)
  return [...errors, ...(missing.length > 0 ? missing : validatePairs(spec))]
}

/** Each address is of the family in its place, and there are not two of one family. */
function validatePairs(spec: ServiceSpec): FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec
  const path = 'spec.clusterIPs'
  const families = clusterIPs.map((ip) => (ipFamily(ip) === 6 ? 'IPv6' : 'IPv4'))
  const errors =
    clusterIPs.length > 1 && families[0] === families[1]
      ? [invalid(path, clusterIPs, 'may specify no more than one IP for each IP family')]
      : []
  if (isHeadless(spec)) return errors
  return [
    ...errors,
    ...checkEach(path, clusterIPs, (ip, at, index) => {
      const wanted = ipFamilies[index]
      return wanted === undefined || wanted === families[index]
        ? []
        : [invalid(at, ip, `expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``)]
    }),
  ]
}

/** This cluster has IPv4 addresses alone. */
function validateOffered({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  return [
    ...checkEach('spec.ipFamilies', ipFamilies, (family, at) =>
      family === 'IPv6' ? [invalid(at, family, 'not configured on this cluster')] : [],
    ),
    ...(ipFamilyPolicy === 'RequireDualStack'
      ? [invalid('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services')]
      : []),
  ]
}

/** What a service keeps: its addresses and their families, what balances it, and where it is asked for its health. */
export function validateServiceUpdate({ spec = {} }: Service, { spec: before = {} }: Service): FieldError[] {
  const classes =
    spec.type === 'LoadBalancer' &&
    before.type === 'LoadBalancer' &&
    spec.loadBalancerClass !== before.loadBalancerClass
      ? [invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set')]
      : []
  const checks =
    needsHealthCheck(spec) && needsHealthCheck(before) && spec.healthCheckNodePort !== before.healthCheckNodePort
      ? [forbidden('spec.healthCheckNodePort', 'field is immutable')]
      : []
  const errors = [...classes, ...checks]
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return errors
  return [...validateKeptAddresses(spec, before), ...validateKeptFamilies(spec, before), ...errors]
}

function validateKeptAddresses(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (isHeadless(spec) && isHeadless(before)) return []
  const [now, then] = [spec.clusterIPs ?? [], before.clusterIPs ?? []]
  if (now.length === 0 && then.length > 0)
    return [invalid('spec.clusterIPs[0]', now, 'primary clusterIP can not be unset')]
  return checkEach('spec.clusterIPs', then, (ip, at, index) =>
    now[index] === undefined || now[index] === ip ? [] : [invalid(at, now, 'may not change once set')],
  )
}

function validateKeptFamilies(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (isHeadless(spec) || isHeadless(before)) return []
  const [now, then] = [spec.ipFamilies ?? [], before.ipFamilies ?? []]
  const changed = then.some((family, index) => now[index] !== undefined && now[index] !== family)
  return changed ? [invalid('spec.ipFamilies[0]', now, 'may not change once set')] : []
}
