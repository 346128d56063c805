/** What a service and a pod have to do with each other: for EndpointSlices and Endpoints alike. */
import type { Live } from '../api/meta/object.ts'
import type { Pod, Service, ServicePort } from '../api/types/core-v1.ts'
import type { EndpointPort } from '../api/types/discovery-v1.ts'

export const serviceNameLabel = 'kubernetes.io/service-name'
export const headlessLabel = 'service.kubernetes.io/headless'

export const isHeadless = (service: Service): boolean => service.spec?.clusterIP === 'None'

/** Services without a selector, and names of outside hosts, get their endpoints from elsewhere. */
export function hasOwnEndpoints({ spec }: Service): boolean {
  return spec?.type !== 'ExternalName' && Object.keys(spec?.selector ?? {}).length > 0
}

export function selectsPod(service: Live<Service>, pod: Live<Pod>): boolean {
  if (!hasOwnEndpoints(service) || service.metadata.namespace !== pod.metadata.namespace) return false
  const labels = pod.metadata.labels ?? {}
  return Object.entries(service.spec?.selector ?? {}).every(([name, value]) => labels[name] === value)
}

/** The service's ports as this pod serves them; a port whose name the pod does not know is left out. */
export function portsOn(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(servicePort, pod)
    if (port === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = servicePort
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

function targetPort({ targetPort: target, port, protocol = 'TCP' }: ServicePort, pod: Pod): number | undefined {
  if (target === undefined || target === 0 || target === '') return port
  if (typeof target === 'number') return target
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...(pod.spec?.containers ?? []), ...sidecars]
    .flatMap((container) => container.ports ?? [])
    .find((candidate) => candidate.name === target && (candidate.protocol ?? 'TCP') === protocol)?.containerPort
}

export function addressesOf(pod: Pod): string[] {
  const { podIP, podIPs } = pod.status ?? {}
  return podIPs !== undefined && podIPs.length > 0 ? podIPs.map(({ ip }) => ip) : podIP === undefined ? [] : [podIP]
}

/** The pod's name in the service's domain, when it asks for one. */
export function hostnameIn(service: Live<Service>, { spec, metadata }: Live<Pod>): string | undefined {
  const asks = (spec?.hostname ?? '') !== '' && spec?.subdomain === service.metadata.name
  return asks && metadata.namespace === service.metadata.namespace ? spec.hostname : undefined
}
