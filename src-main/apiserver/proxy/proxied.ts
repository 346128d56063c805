/** One request to one of the servers behind a proxied path. */
import type { Duplex } from 'node:stream'
import { serviceUnavailable } from '../../api/errors.ts'
import { describeError } from '../../lib/log.ts'
import type { ServerParts } from '../operation.ts'
import { secured } from '../outbound/dialing-agent.ts'
import type { ServiceEndpoint } from '../outbound/service-endpoint.ts'
import type { Answer, ServerRequest } from '../request.ts'
import type { ProxyName } from './proxy-target.ts'
import { relay } from './relay.ts'

export interface ProxyPath {
  /** Up to and with `/proxy`, as it was sent. */
  readonly prefix: string
  /** What comes after it, as it was sent: empty, or from its slash on. */
  readonly rest: string
}

/** The path of a proxy is the server's business: how it is encoded, and whether it ends in a slash. */
export function splitProxyPath(path: string): ProxyPath {
  const found = /^(\/+api\/+v1\/+(?:namespaces\/+[^/]+\/+(?:pods|services)|nodes)\/+[^/]+\/+proxy)(\/.*)?$/.exec(path)
  return { prefix: found?.[1] ?? path, rest: found?.[2] ?? '' }
}

export async function proxied(
  parts: ServerParts,
  request: ServerRequest,
  endpoints: readonly ServiceEndpoint[],
  { scheme }: ProxyName,
  { prefix, rest }: ProxyPath,
): Promise<Answer> {
  const { method, headers } = request
  const rawQuery = request.rawQuery ?? request.query.toString()
  const query = rawQuery === '' ? '' : `?${rawQuery}`
  // Relative links of the page that comes need the slash.
  if (rest === '' && headers['upgrade'] === undefined && (method === 'GET' || method === 'HEAD')) {
    const moved = { location: `${prefix}/${query}` }
    return { type: 'bytes', code: 301, contentType: 'text/plain', bytes: new Uint8Array(), headers: moved }
  }
  const { endpoint, connection } = await dialOne(parts, endpoints, scheme)
  const { address, port } = endpoint
  const host = address.includes(':') ? `[${address}]` : address
  return relay(request, {
    via: { type: 'connection', connection },
    ...{ host, port, path: `${rest === '' ? '/' : rest}${query}` },
    headers: {
      'x-forwarded-uri': prefix + rest,
      ...(headers['host'] === undefined ? {} : { 'x-forwarded-host': headers['host'] }),
    },
    rewriting: { prefix, host: `${host}:${port}` },
  })
}

async function dialOne(
  { dialer, random }: ServerParts,
  endpoints: readonly ServiceEndpoint[],
  scheme: ProxyName['scheme'],
): Promise<{ endpoint: ServiceEndpoint; connection: Duplex }> {
  const start = random.integer(endpoints.length)
  let failure: unknown
  for (const endpoint of [...endpoints.slice(start), ...endpoints.slice(0, start)]) {
    try {
      const plain = await dialer.dialEndpoint(endpoint)
      // As in Kubernetes: whoever may use the proxy trusts the pods behind it.
      const connection = scheme === 'https' ? await secured(plain, { rejectUnauthorized: false }) : plain
      return { endpoint, connection }
    } catch (error) {
      failure = error
    }
  }
  throw Object.assign(serviceUnavailable(`error trying to reach service: ${describeError(failure)}`), {
    cause: failure,
  })
}
