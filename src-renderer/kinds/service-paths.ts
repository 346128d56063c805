/** From a service to what answers for it: its slices, their endpoints, their pods and the machines under them. */
import type { Live } from '../../src-main/api/meta/object.ts'
import type { Service, ServicePort } from '../../src-main/api/types/core-v1.ts'
import type { EndpointSlice } from '../../src-main/api/types/discovery-v1.ts'

export interface PathEndpoint {
  readonly address: string
  readonly ready: boolean
  readonly pod: string | undefined
  readonly node: string | undefined
}

export interface ServicePath {
  readonly slices: readonly Live<EndpointSlice>[]
  readonly endpoints: readonly PathEndpoint[]
}

const clusterDomain = 'cluster.local'
const serviceLabel = 'kubernetes.io/service-name'

/** The path of each service, by `namespace/name`. */
export function pathsByService(slices: readonly Live<EndpointSlice>[]): ReadonlyMap<string, ServicePath> {
  const bySlices = new Map<string, Live<EndpointSlice>[]>()
  for (const slice of slices) {
    const service = slice.metadata.labels?.[serviceLabel]
    if (service === undefined) continue
    const key = `${slice.metadata.namespace ?? ''}/${service}`
    const found = bySlices.get(key)
    if (found === undefined) bySlices.set(key, [slice])
    else found.push(slice)
  }
  return new Map([...bySlices].map(([key, own]) => [key, { slices: own, endpoints: endpointsOf(own) }]))
}

export const noPath: ServicePath = { slices: [], endpoints: [] }

function endpointsOf(slices: readonly EndpointSlice[]): PathEndpoint[] {
  return slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .flatMap(({ addresses, conditions, targetRef, nodeName }) =>
      addresses.map((address) => ({
        address,
        // Unknown counts as ready, as proxies take it.
        ready: conditions?.ready !== false,
        pod: targetRef?.kind === 'Pod' ? targetRef.name : undefined,
        node: nodeName,
      })),
    )
    .sort((a, b) => (a.pod ?? a.address).localeCompare(b.pod ?? b.address))
}

/** The names by which pods reach it, the short one first. */
export function dnsNames({ metadata, spec }: Live<Service>): string[] {
  const { name, namespace = 'default' } = metadata
  const full = `${name}.${namespace}.svc.${clusterDomain}`
  if (spec?.type === 'ExternalName') return [`${full} → ${spec.externalName ?? ''}`]
  return [`${name}.${namespace}`, full]
}

/** `80→8080/TCP`; the target is left out where it is the same. */
export function portText({ port, targetPort, protocol = 'TCP', name }: ServicePort): string {
  const target = targetPort === undefined || targetPort === port ? '' : `→${targetPort}`
  return `${name === undefined || name === '' ? '' : `${name} `}${port}${target}/${protocol}`
}

export const nodePorts = ({ spec }: Service): number[] =>
  (spec?.ports ?? []).flatMap(({ nodePort }) => (nodePort === undefined || nodePort === 0 ? [] : [nodePort]))
