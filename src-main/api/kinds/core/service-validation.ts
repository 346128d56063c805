import { duplicate, forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, checkOptionalOneOf, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { cidrProblems, ipProblems, reachableIpProblems } from '../../meta/ip.ts'
import { dnsLabelProblems, dnsSubdomainProblems, portNumberProblems, qualifiedNameProblems } from '../../meta/names.ts'
import { validateLabels } from '../../meta/validate-labels.ts'
import type { Service, ServicePort, ServiceSpec } from '../../types/core-v1.ts'
import { validatePortReference } from './pod-spec/probes.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const isHeadless = ({ clusterIP }: ServiceSpec): boolean => clusterIP === 'None'

/** Checks a service, after defaults; addresses and ports that the server allocates may still be missing. */
export function validateService({ spec }: Service): FieldError[] {
  if (spec === undefined) return [required('spec.ports')]
  return [
    ...validatePorts(spec),
    ...checkOneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    ...checkOneOf('spec.type', spec.type, types),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAddresses(spec),
    ...validateTraffic(spec),
    ...validateFamilies(spec),
    ...validateBalancer(spec),
  ]
}

function validatePorts(spec: ServiceSpec): FieldError[] {
  const { ports = [], type } = spec
  const mayBeEmpty = isHeadless(spec) || type === 'ExternalName'
  if (ports.length === 0) return mayBeEmpty ? [] : [required('spec.ports')]
  const names = new Set<string>()
  const claims = new Set<string>()
  const nodePorts = new Set<string>()
  return checkEach('spec.ports', ports, (port, path) => [
    ...validatePortName(port, ports.length > 1, names, path),
    ...problemsAt(`${path}.port`, port.port ?? 0, portNumberProblems(port.port ?? 0)),
    ...checkOneOf(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']),
    ...validatePortReference(port.targetPort, `${path}.targetPort`),
    ...(port.appProtocol === undefined
      ? []
      : problemsAt(`${path}.appProtocol`, port.appProtocol, qualifiedNameProblems(port.appProtocol))),
    ...validateClaims(port, spec, claims, nodePorts, path),
  ])
}

function validatePortName(
  { name = '' }: ServicePort,
  several: boolean,
  names: Set<string>,
  path: string,
): FieldError[] {
  if (name === '') return several ? [required(`${path}.name`)] : []
  const errors = problemsAt(`${path}.name`, name, dnsLabelProblems(name))
  if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
  names.add(name)
  return errors
}

function validateClaims(
  { port, protocol, nodePort = 0 }: ServicePort,
  { type }: ServiceSpec,
  claims: Set<string>,
  nodePorts: Set<string>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  const claim = `${protocol}/${port}`
  if (claims.has(claim)) errors.push(duplicate(path, { protocol, port }))
  claims.add(claim)
  if (nodePort === 0) return errors
  if (type !== 'NodePort' && type !== 'LoadBalancer') {
    errors.push(forbidden(`${path}.nodePort`, `may not be used when \`type\` is '${type}'`))
  }
  const nodeClaim = `${protocol}/${nodePort}`
  if (nodePorts.has(nodeClaim)) errors.push(duplicate(`${path}.nodePort`, nodePort))
  nodePorts.add(nodeClaim)
  return errors
}

function validateAddresses(spec: ServiceSpec): FieldError[] {
  const { type, clusterIP = '', clusterIPs = [], externalName = '' } = spec
  const errors: FieldError[] = []
  if (type === 'ExternalName') {
    if (clusterIP !== '') errors.push(forbidden('spec.clusterIP', "may not be set when `type` is 'ExternalName'"))
    if (clusterIPs.length > 0) errors.push(forbidden('spec.clusterIPs', "may not be set when `type` is 'ExternalName'"))
    const name = externalName.replace(/\.$/, '')
    if (name === '') errors.push(required('spec.externalName'))
    else errors.push(...problemsAt('spec.externalName', externalName, dnsSubdomainProblems(name)))
  } else {
    if (clusterIP !== '' && clusterIP !== 'None') {
      errors.push(...problemsAt('spec.clusterIP', clusterIP, ipProblems(clusterIP)))
    }
    if (clusterIP !== '' && clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) {
      errors.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'))
    }
  }
  if ((type === 'NodePort' || type === 'LoadBalancer') && isHeadless(spec)) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`))
  }
  return [
    ...errors,
    ...checkEach('spec.externalIPs', spec.externalIPs, (ip, at) => problemsAt(at, ip, reachableIpProblems(ip))),
    ...checkEach('spec.loadBalancerSourceRanges', spec.loadBalancerSourceRanges, (range, at) =>
      problemsAt(at, range, cidrProblems(range)),
    ),
  ]
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const { type, externalTrafficPolicy, internalTrafficPolicy, sessionAffinityConfig, ipFamilyPolicy } = spec
  const errors = [
    ...checkOptionalOneOf('spec.externalTrafficPolicy', externalTrafficPolicy, ['Cluster', 'Local']),
    ...checkOptionalOneOf('spec.internalTrafficPolicy', internalTrafficPolicy, ['Cluster', 'Local']),
    ...checkOptionalOneOf('spec.ipFamilyPolicy', ipFamilyPolicy, [
      'PreferDualStack',
      'RequireDualStack',
      'SingleStack',
    ]),
  ]
  const reachable = type === 'NodePort' || type === 'LoadBalancer' || (spec.externalIPs ?? []).length > 0
  if (externalTrafficPolicy !== undefined && !reachable) {
    const words = 'may only be set for externally-accessible services'
    errors.push(invalid('spec.externalTrafficPolicy', externalTrafficPolicy, words))
  }
  if (externalTrafficPolicy === undefined && reachable && type !== 'ExternalName')
    errors.push(required('spec.externalTrafficPolicy'))
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (seconds !== undefined && (seconds <= 0 || seconds > 86_400)) {
    const words = 'must be greater than 0 and less than or equal to 86400'
    errors.push(invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, words))
  }
  return errors
}

/** This cluster has IPv4 addresses alone. */
function validateFamilies({ type, ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  if (type === 'ExternalName') {
    const words = 'may not be set for ExternalName services'
    return [
      ...(ipFamilies.length > 0 ? [forbidden('spec.ipFamilies', words)] : []),
      ...(ipFamilyPolicy === undefined ? [] : [forbidden('spec.ipFamilyPolicy', words)]),
    ]
  }
  const errors = checkEach('spec.ipFamilies', ipFamilies, (family, path) => [
    ...checkOneOf(path, family, ['IPv4', 'IPv6']),
    ...(family === 'IPv6' ? [invalid(path, family, 'not configured on this cluster')] : []),
  ])
  if (new Set(ipFamilies).size < ipFamilies.length) errors.push(duplicate('spec.ipFamilies[1]', ipFamilies[1]))
  if (ipFamilyPolicy === 'RequireDualStack') {
    const words = 'this cluster is not configured for dual-stack services'
    errors.push(invalid('spec.ipFamilyPolicy', ipFamilyPolicy, words))
  }
  return errors
}

function validateBalancer(spec: ServiceSpec): FieldError[] {
  const { type, loadBalancerClass, allocateLoadBalancerNodePorts, healthCheckNodePort = 0, trafficDistribution } = spec
  const isBalancer = type === 'LoadBalancer'
  const errors: FieldError[] = []
  if (loadBalancerClass !== undefined) {
    if (!isBalancer) errors.push(forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"))
    errors.push(...problemsAt('spec.loadBalancerClass', loadBalancerClass, qualifiedNameProblems(loadBalancerClass)))
  }
  if (isBalancer && allocateLoadBalancerNodePorts === undefined)
    errors.push(required('spec.allocateLoadBalancerNodePorts'))
  if (!isBalancer && allocateLoadBalancerNodePorts !== undefined)
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"))
  if ((spec.loadBalancerSourceRanges ?? []).length > 0 && !isBalancer)
    errors.push(forbidden('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"))
  const checksHealth = isBalancer && spec.externalTrafficPolicy === 'Local'
  if (healthCheckNodePort !== 0 && !checksHealth) {
    const words = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    errors.push(invalid('spec.healthCheckNodePort', healthCheckNodePort, words))
  }
  const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone']
  return [...errors, ...checkOptionalOneOf('spec.trafficDistribution', trafficDistribution, distributions)]
}

/** The cluster address of a service stays for as long as it has one, and so do what balances it and where it is asked. */
export function validateServiceUpdate({ spec }: Service, { spec: before }: Service): FieldError[] {
  const errors: FieldError[] = []
  if (spec?.type === 'LoadBalancer' && before?.type === 'LoadBalancer') {
    if (spec.loadBalancerClass !== before.loadBalancerClass)
      errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'))
    const port = before.healthCheckNodePort ?? 0
    const local = spec.externalTrafficPolicy === 'Local' && before.externalTrafficPolicy === 'Local'
    if (local && port !== 0 && spec.healthCheckNodePort !== port)
      errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'))
  }
  if (spec?.type === 'ExternalName' || before?.type === 'ExternalName') return errors
  const then = before?.clusterIPs ?? (before?.clusterIP === undefined ? [] : [before.clusterIP])
  const now = spec?.clusterIPs ?? (spec?.clusterIP === undefined ? [] : [spec.clusterIP])
  if (then[0] === undefined || then[0] === '' || sameValue(now[0], then[0])) return errors
  return [...errors, invalid('spec.clusterIPs[0]', now, 'may not change once set')]
}
