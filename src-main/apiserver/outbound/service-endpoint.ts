/** Which pods stand behind a port of a service, from its EndpointSlices. */
import { notFound, serviceUnavailable } from '../../api/errors.ts'
import type { Pod, Service, ServicePort } from '../../api/types/core-v1.ts'
import type { EndpointSlice } from '../../api/types/discovery-v1.ts'
import type { WatchCache } from '../cache/watch-cache.ts'

export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

export interface ServiceEndpoint {
  readonly address: string
  readonly port: number
  /** The node whose pod it is; empty when the endpoint does not say. */
  readonly nodeName: string
}

export type ServiceTarget =
  | { readonly type: 'endpoints'; readonly endpoints: readonly ServiceEndpoint[] }
  /** A service that is only a name for something outside. */
  | { readonly type: 'external'; readonly host: string; readonly port: number }

/** Throws `NotFound` for a service that is not there. */
export function storedService(cache: WatchCache, { namespace, name }: ServiceName): Service {
  const stored = cache.resource('core/services').get(`${namespace}/${name}`)
  if (stored === undefined) throw notFound({ group: '', plural: 'services' }, name)
  return stored.object as Service
}

/** Throws `NotFound` without the service, `ServiceUnavailable` when it has no such port or nobody stands behind it. */
export function serviceTarget(cache: WatchCache, service: ServiceName, port: number): ServiceTarget {
  const { spec } = storedService(cache, service)
  const host = spec?.externalName
  if (spec?.type === 'ExternalName' && host !== undefined) return { type: 'external', host, port }
  const found = spec?.ports?.find((one) => one.port === port)
  if (found === undefined)
    throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(service.name)}`)
  const endpoints = readyEndpoints(cache, service, found.name ?? '')
  if (endpoints.length === 0)
    throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(service.name)}`)
  return { type: 'endpoints', endpoints }
}

/** The service's port by its number or name, as a path names it; empty: the port without a name. */
export function portNameOf(ports: readonly ServicePort[], asked: string): string | undefined {
  if (!/^\d+$/.test(asked)) return asked
  const found = ports.find(({ port }) => port === Number(asked))
  return found === undefined ? undefined : (found.name ?? '')
}

/** Every endpoint that takes connections on a named port. */
export function readyEndpoints(
  cache: WatchCache,
  { namespace, name }: ServiceName,
  portName: string,
): ServiceEndpoint[] {
  const slices = cache.resource('discovery.k8s.io/endpointslices').list({
    namespace,
    matches: ({ metadata }) => metadata?.labels?.['kubernetes.io/service-name'] === name,
  })
  return slices.flatMap(({ object }) => endpointsOf(object as unknown as EndpointSlice, portName, cache, namespace))
}

function endpointsOf(slice: EndpointSlice, portName: string, cache: WatchCache, namespace: string): ServiceEndpoint[] {
  const port = slice.ports?.find((one) => (one.name ?? '') === portName && (one.protocol ?? 'TCP') === 'TCP')?.port
  if (port === undefined) return []
  return (slice.endpoints ?? []).flatMap(({ addresses: [address], conditions, nodeName, targetRef }) => {
    if (address === undefined || conditions?.ready === false) return []
    const pod = targetRef?.kind === 'Pod' ? targetRef.name : undefined
    return [{ address, port, nodeName: nodeName ?? nodeOfPod(cache, namespace, pod) }]
  })
}

function nodeOfPod(cache: WatchCache, namespace: string, name: string | undefined): string {
  if (name === undefined) return ''
  const pod = cache.resource('core/pods').get(`${namespace}/${name}`)?.object as Pod | undefined
  return pod?.spec?.nodeName ?? ''
}
