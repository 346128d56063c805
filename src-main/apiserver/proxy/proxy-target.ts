/** Whom a proxied path means: `https:web:metrics` of a service, `web-1:8080` of a pod. */
import { badRequest, serviceUnavailable } from '../../api/errors.ts'
import { isIP } from 'node:net'
import type { Pod } from '../../api/types/core-v1.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import { portNameOf, readyEndpoints, storedService, type ServiceEndpoint } from '../outbound/service-endpoint.ts'

export interface ProxyName {
  readonly scheme: 'http' | 'https'
  readonly name: string
  /** A number or a name; empty: the usual one. */
  readonly port: string
}

/** `name`, `name:port`, `scheme:name:port`. Throws BadRequest for anything else. */
export function parseProxyName(text: string): ProxyName {
  const parts = text.split(':')
  const [first = '', second = '', third = ''] = parts
  if (parts.length <= 2 && first !== '') return { scheme: 'http', name: first, port: second }
  if (parts.length === 3 && second !== '' && (first === 'http' || first === 'https' || first === ''))
    return { scheme: first === 'https' ? 'https' : 'http', name: second, port: third }
  throw badRequest(`invalid proxy request ${JSON.stringify(text)}`)
}

const usualPorts = { http: 80, https: 443 } as const

/** Throws BadRequest when the pod has no address that may be called. */
export function podTarget({ spec, status }: Pod, { port, scheme }: ProxyName): ServiceEndpoint {
  const address = status?.podIP ?? ''
  checkAddress(address)
  const declared = spec?.containers.find(({ ports = [] }) => ports.length > 0)?.ports?.[0]?.containerPort
  return { address, port: numberOf(port) ?? declared ?? usualPorts[scheme], nodeName: spec?.nodeName ?? '' }
}

/** All of the endpoints that may be called. Throws NotFound, or ServiceUnavailable when there is none. */
export function serviceTargets(
  cache: WatchCache,
  namespace: string,
  { name, port }: ProxyName,
): readonly ServiceEndpoint[] {
  const portName = portNameOf(storedService(cache, { namespace, name }).spec?.ports ?? [], port)
  if (portName === undefined)
    throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`)
  const endpoints = readyEndpoints(cache, { namespace, name }, portName)
  if (endpoints.length === 0) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  for (const { address } of endpoints) checkAddress(address)
  return endpoints
}

function numberOf(port: string): number | undefined {
  if (port === '') return undefined
  const number = Number(port)
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number
  throw badRequest(`${JSON.stringify(port)} is not a port`)
}

/** Loopback and link-local addresses would be those of the machine that connects. */
function checkAddress(address: string): void {
  const refused = isIP(address) === 0 || /^(127\.|169\.254\.|0\.|22[4-9]\.|23\d\.|::1?$|fe[89ab]|ff)/i.test(address)
  if (refused) throw badRequest('address not allowed')
}
