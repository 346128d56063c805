import type { Service, ServiceSpec } from '../../types/core-v1.ts'

const clientIpTimeoutSeconds = 10_800

const isExternalName = (spec: ServiceSpec): boolean => spec.type === 'ExternalName'
const hasNodePorts = (spec: ServiceSpec): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer'

/** Defaults in place. Addresses, families and node ports are the server's to allocate. */
export function defaultService(draft: Service): void {
  const { spec } = draft
  if (spec === undefined) return
  spec.type ??= 'ClusterIP'
  spec.sessionAffinity ??= 'None'
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {}
    spec.sessionAffinityConfig.clientIP ??= {}
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= clientIpTimeoutSeconds
  } else {
    delete spec.sessionAffinityConfig
  }
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP'
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port
  }
  if (isExternalName(spec)) return
  spec.internalTrafficPolicy ??= 'Cluster'
  spec.ipFamilyPolicy ??= 'SingleStack'
  if (hasNodePorts(spec) || (spec.externalIPs ?? []).length > 0) spec.externalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
}

/** What the server allocated stays when a client leaves it out of an update, as `kubectl replace` does. In place. */
export function keepAllocated(draft: Service, previous: Service): void {
  const { spec } = draft
  const before = previous.spec
  if (spec === undefined || before === undefined || isExternalName(spec) || isExternalName(before)) return
  if (spec.clusterIP === undefined && spec.clusterIPs === undefined) {
    copyField(spec, before, 'clusterIP')
    copyField(spec, before, 'clusterIPs')
  } else if (spec.clusterIPs === undefined && spec.clusterIP === before.clusterIP) {
    copyField(spec, before, 'clusterIPs')
  }
  if (spec.ipFamilies === undefined) copyField(spec, before, 'ipFamilies')
  if (hasNodePorts(spec) && hasNodePorts(before)) keepNodePorts(spec, before)
}

function copyField<K extends keyof ServiceSpec>(to: ServiceSpec, from: ServiceSpec, field: K): void {
  if (from[field] !== undefined) to[field] = from[field]
}

function keepNodePorts(spec: ServiceSpec, before: ServiceSpec): void {
  const key = (port: { protocol?: string; port: number }): string => `${port.protocol ?? 'TCP'}/${port.port}`
  const taken = new Set((spec.ports ?? []).map((port) => port.nodePort))
  const allocated = new Map((before.ports ?? []).map((port) => [key(port), port.nodePort]))
  for (const port of spec.ports ?? []) {
    const nodePort = allocated.get(key(port))
    if (port.nodePort === undefined && nodePort !== undefined && !taken.has(nodePort)) port.nodePort = nodePort
  }
  if (spec.healthCheckNodePort === undefined && spec.externalTrafficPolicy === 'Local') {
    copyField(spec, before, 'healthCheckNodePort')
  }
}
