/** The fields of a service that hang together: its type, its addresses and its ports. */
import { sameValue } from '../../api/meta/field-checks.ts'
import type { Service, ServiceSpec } from '../../api/types/core-v1.ts'

/** Makes the draft consistent before addresses are given out. */
export function prepareService({ spec }: Service, previous: Service | undefined): void {
  if (spec === undefined) return
  const before = previous?.spec
  if (before !== undefined) dropWhatTheTypeLost(spec, before)
  if (spec.type === 'ExternalName') return
  linkAddresses(spec, before)
  spec.ipFamilies ??= ['IPv4']
  spec.ipFamilyPolicy ??= 'SingleStack'
}

/** A client that knows `clusterIP` alone, or changes it alone, means the list of addresses as well. */
function linkAddresses(spec: ServiceSpec, before: ServiceSpec | undefined): void {
  const { clusterIP = '', clusterIPs = [] } = spec
  const isNews = clusterIP !== (before?.clusterIP ?? '')
  const hasOldList = before !== undefined && sameValue(clusterIPs, before.clusterIPs ?? [])
  if (clusterIP === '') {
    if (isNews && hasOldList) delete spec.clusterIPs
  } else if (clusterIPs.length === 0 || (isNews && hasOldList)) spec.clusterIPs = [clusterIP]
}

/** A service that changes its type loses what only the old one had, unless the client has given it another value. */
function dropWhatTheTypeLost(spec: ServiceSpec, before: ServiceSpec): void {
  if (spec.type === 'ExternalName' && (isEmpty(spec.clusterIP) || spec.clusterIP === before.clusterIP)) {
    delete spec.clusterIP
    delete spec.clusterIPs
    delete spec.ipFamilies
    delete spec.ipFamilyPolicy
  }
  if (spec.type !== 'LoadBalancer') dropSame(spec, before, ['allocateLoadBalancerNodePorts', 'loadBalancerClass'])
  if (!hasNodePorts(before) || hasNodePorts(spec)) return
  dropSame(spec, before, ['externalTrafficPolicy', 'healthCheckNodePort'])
  for (const port of spec.ports ?? []) {
    if (before.ports?.some(({ nodePort }) => nodePort === port.nodePort)) delete port.nodePort
  }
}

function dropSame(spec: ServiceSpec, before: ServiceSpec, fields: readonly (keyof ServiceSpec)[]): void {
  for (const field of fields) if (spec[field] === before[field]) Reflect.deleteProperty(spec, field)
}

const isEmpty = (text: string | undefined): boolean => text === undefined || text === ''
const hasNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer'
