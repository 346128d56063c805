import type { Service } from '../types/core-v1.ts'
import { addressWarnings } from './address-warnings.ts'

export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const { clusterIP = '', clusterIPs = [], externalIPs = [], loadBalancerIP = '', type = 'ClusterIP' } = spec
  const hasAddress = clusterIP !== '' && clusterIP !== 'None'
  const isHeadless = type === 'ClusterIP' && clusterIP === 'None'
  const isAlias = type === 'ExternalName'
  const hints = 'service.kubernetes.io/topology-aware-hints'
  return [
    ...(Object.hasOwn(metadata?.annotations ?? {}, hints)
      ? [`annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`]
      : []),
    ...(hasAddress ? clusterIPs.flatMap((ip, index) => addressWarnings(ip, `spec.clusterIPs[${index}]`)) : []),
    ...(isHeadless && loadBalancerIP !== '' ? ['spec.loadBalancerIP is ignored for headless services'] : []),
    ...(isHeadless && externalIPs.length > 0 ? ['spec.externalIPs is ignored for headless services'] : []),
    ...(isHeadless && (spec.sessionAffinity ?? 'None') !== 'None'
      ? ['spec.SessionAffinity is ignored for headless services']
      : []),
    ...externalIPs.flatMap((ip, index) => addressWarnings(ip, `spec.externalIPs[${index}]`)),
    ...(externalIPs.length > 0 && !isHeadless && !isAlias
      ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters']
      : []),
    ...(loadBalancerIP === '' ? [] : addressWarnings(loadBalancerIP, 'spec.loadBalancerIP')),
    ...(isAlias && externalIPs.length > 0 ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : []),
    ...(!isAlias && (spec.externalName ?? '') !== ''
      ? ['spec.externalName is ignored when spec.type is not "ExternalName"']
      : []),
    ...(spec.trafficDistribution === 'PreferClose'
      ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']
      : []),
  ]
}
