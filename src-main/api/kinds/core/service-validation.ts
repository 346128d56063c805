import { duplicate, forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, checkOptionalOneOf, problemsAt } from '../../meta/field-checks.ts'
import { cidrProblems, reachableIpProblems } from '../../meta/ip.ts'
import { dnsLabelProblems, dnsSubdomainProblems, portNumberProblems, qualifiedNameProblems } from '../../meta/names.ts'
import { repeats } from '../../meta/repeats.ts'
import { validateLabels } from '../../meta/validate-labels.ts'
import type { Service, ServicePort, ServiceSpec } from '../../types/core-v1.ts'
import type { ObjectMeta } from '../../types/meta-v1.ts'
import { validatePortReference } from './pod-spec/probes.ts'
import { validateServiceAddresses } from './service-addresses.ts'
import { isHeadless, needsHealthCheck } from './service-facts.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone']
const kubeletPort = 10_250
const onlyBalancers = "may only be used when `type` is 'LoadBalancer'"
const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints'
const modeAnnotation = 'service.kubernetes.io/topology-mode'
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** Checks a service, after defaults and after the server has given it addresses and ports. In the order of Kubernetes. */
export function validateService({ metadata = {}, spec }: Service): FieldError[] {
  if (spec === undefined) return [required('spec.ports')]
  return [
    ...validateTopology(metadata),
    ...validateType(spec),
    ...validatePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateServiceAddresses(spec),
    ...checkEach('spec.externalIPs', spec.externalIPs, (ip, at) => problemsAt(at, ip, reachableIpProblems(ip))),
    ...checkOneOf('spec.type', spec.type, types),
    ...validatePortClaims(spec),
    ...validateSourceRanges(spec, metadata),
    ...validateBalancer(spec),
    ...validateExternalTraffic(spec),
    ...validateInternalTraffic(spec),
    ...checkOptionalOneOf('spec.trafficDistribution', spec.trafficDistribution, distributions),
  ]
}

/** An old and a new annotation for the same wish. */
function validateTopology({ annotations = {} }: ObjectMeta): FieldError[] {
  const [hints, mode] = [annotations[hintsAnnotation], annotations[modeAnnotation]]
  if (hints === undefined || mode === undefined || hints === mode) return []
  const words = `must match annotations[${hintsAnnotation}] when both are specified`
  return [invalid(`metadata.annotations[${modeAnnotation}]`, mode, words)]
}

function validateType(spec: ServiceSpec): FieldError[] {
  const { type = '', ports = [] } = spec
  const noPorts = ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName' ? [required('spec.ports')] : []
  if (type === 'ExternalName') return [...noPorts, ...validateExternalName(spec)]
  const exposed = type === 'LoadBalancer' ? ports : []
  return [
    ...noPorts,
    ...checkEach('spec.ports', exposed, ({ port }, path) =>
      port === kubeletPort
        ? [invalid(path, port, `may not expose port ${kubeletPort} externally since it is used by kubelet`)]
        : [],
    ),
    ...(isHeadless(spec) && (type === 'LoadBalancer' || type === 'NodePort')
      ? [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)]
      : []),
  ]
}

function validateExternalName({
  clusterIPs = [],
  ipFamilies = [],
  ipFamilyPolicy,
  ...spec
}: ServiceSpec): FieldError[] {
  const words = 'may not be set for ExternalName services'
  // With a dot at its end the name is a full one.
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  return [
    ...(clusterIPs.length > 0 ? [forbidden('spec.clusterIPs', words)] : []),
    ...(ipFamilies.length > 0 ? [forbidden('spec.ipFamilies', words)] : []),
    ...(ipFamilyPolicy === undefined ? [] : [forbidden('spec.ipFamilyPolicy', words)]),
    ...(name === ''
      ? [required('spec.externalName')]
      : problemsAt('spec.externalName', name, dnsSubdomainProblems(name))),
  ]
}

function validatePorts({ ports = [] }: ServiceSpec): FieldError[] {
  const isRepeat = repeats()
  return checkEach('spec.ports', ports, (port, path) => [
    ...validatePortName(port, ports.length > 1, isRepeat, `${path}.name`),
    ...problemsAt(`${path}.port`, port.port ?? 0, portNumberProblems(port.port ?? 0)),
    ...checkOneOf(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']),
    ...validatePortReference(port.targetPort, `${path}.targetPort`),
    ...(port.appProtocol === undefined
      ? []
      : problemsAt(`${path}.appProtocol`, port.appProtocol, qualifiedNameProblems(port.appProtocol))),
  ])
}

function validatePortName(
  { name = '' }: ServicePort,
  several: boolean,
  isRepeat: (name: string) => boolean,
  path: string,
): FieldError[] {
  if (name === '') return several ? [required(path)] : []
  return [...problemsAt(path, name, dnsLabelProblems(name)), ...(isRepeat(name) ? [duplicate(path, name)] : [])]
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const errors = checkOneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'])
  const path = 'spec.sessionAffinityConfig'
  if (sessionAffinity !== 'ClientIP') return errors
  if (sessionAffinityConfig === undefined) return [...errors, required(path, 'when session affinity type is ClientIP')]
  if (sessionAffinityConfig.clientIP === undefined)
    return [...errors, required(`${path}.clientIP`, 'when session affinity type is ClientIP')]
  const seconds = sessionAffinityConfig.clientIP.timeoutSeconds
  if (seconds === undefined)
    return [...errors, required(`${path}.clientIP.timeoutSeconds`, 'when session affinity type is ClientIP')]
  const words = 'must be greater than 0 and less than 86400'
  return seconds > 0 && seconds <= 86_400
    ? errors
    : [...errors, invalid(`${path}.clientIP.timeoutSeconds`, seconds, words)]
}

/** No port of its own for services inside, and none twice for one protocol. */
function validatePortClaims({ ports = [], type }: ServiceSpec): FieldError[] {
  const [isRepeatedNodePort, isRepeatedPort] = [repeats(), repeats()]
  return [
    ...checkEach('spec.ports', type === 'ClusterIP' ? ports : [], ({ nodePort = 0 }, path) =>
      nodePort === 0 ? [] : [forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'")],
    ),
    ...checkEach('spec.ports', ports, ({ protocol, nodePort = 0 }, path) =>
      nodePort !== 0 && isRepeatedNodePort(`${protocol}/${nodePort}`) ? [duplicate(`${path}.nodePort`, nodePort)] : [],
    ),
    ...checkEach('spec.ports', ports, ({ protocol, port }, path) =>
      isRepeatedPort(`${protocol}/${port}`) ? [duplicate(path, { protocol, port })] : [],
    ),
  ]
}

/** Who may use a load balancer: by the field, or by the annotation that was there before it. */
function validateSourceRanges({ type, loadBalancerSourceRanges = [] }: ServiceSpec, meta: ObjectMeta): FieldError[] {
  const path = 'spec.LoadBalancerSourceRanges'
  const refused = (at: string): FieldError[] => (type === 'LoadBalancer' ? [] : [forbidden(at, onlyBalancers)])
  const cidr = (text: string, at: string): FieldError[] => problemsAt(at, text, cidrProblems(text))
  if (loadBalancerSourceRanges.length > 0)
    return [...refused(path), ...checkEach(path, loadBalancerSourceRanges, (range, at) => cidr(range.trim(), at))]
  const annotation = meta.annotations?.[rangesAnnotation]
  if (annotation === undefined) return []
  const at = `metadata.annotations[${rangesAnnotation}]`
  const ranges = annotation.trim() === '' ? [] : annotation.split(',')
  return [...refused(at), ...ranges.flatMap((range) => cidr(range.trim(), at))]
}

function validateBalancer({ type, loadBalancerClass, allocateLoadBalancerNodePorts }: ServiceSpec): FieldError[] {
  if (type !== 'LoadBalancer')
    return [
      ...(allocateLoadBalancerNodePorts === undefined
        ? []
        : [forbidden('spec.allocateLoadBalancerNodePorts', onlyBalancers)]),
      ...(loadBalancerClass === undefined ? [] : [forbidden('spec.loadBalancerClass', onlyBalancers)]),
    ]
  return [
    ...(allocateLoadBalancerNodePorts === undefined ? [required('allocateLoadBalancerNodePorts')] : []),
    ...(loadBalancerClass === undefined
      ? []
      : problemsAt('spec.loadBalancerClass', loadBalancerClass, qualifiedNameProblems(loadBalancerClass))),
  ]
}

function validateExternalTraffic(spec: ServiceSpec): FieldError[] {
  const { type, externalTrafficPolicy = '', externalIPs = [], healthCheckNodePort = 0 } = spec
  const path = 'spec.externalTrafficPolicy'
  const isReachable = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0)
  const errors = isReachable ? checkOneOf(path, externalTrafficPolicy, ['Cluster', 'Local']) : []
  if (!isReachable && externalTrafficPolicy !== '')
    errors.push(invalid(path, externalTrafficPolicy, 'may only be set for externally-accessible services'))
  if (needsHealthCheck(spec)) {
    const at = 'spec.healthCheckNodePort'
    const problems = portNumberProblems(healthCheckNodePort)
    return [...errors, ...(healthCheckNodePort === 0 ? [required(at)] : problemsAt(at, healthCheckNodePort, problems))]
  }
  const words = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  return healthCheckNodePort === 0
    ? errors
    : [...errors, invalid('spec.healthCheckNodePort', healthCheckNodePort, words)]
}

function validateInternalTraffic({ type, internalTrafficPolicy }: ServiceSpec): FieldError[] {
  const path = 'spec.internalTrafficPolicy'
  if (internalTrafficPolicy === undefined && type !== 'ExternalName' && types.includes(type ?? ''))
    return [required(path)]
  return checkOptionalOneOf(path, internalTrafficPolicy, ['Cluster', 'Local'])
}
