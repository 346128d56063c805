import type { ServiceSpec } from '../../types/core-v1.ts'

export const isHeadless = ({ clusterIP }: ServiceSpec): boolean => clusterIP === 'None'

/** A balancer asks the nodes which of them have pods, where traffic stays on the node that it reaches. */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
