/** Passes requests on to an API server that an APIService names, in the name of whoever asks. */
import type { RequestOptions } from 'node:https'
import type { APIService } from '../../api/types/apiregistration-v1.ts'
import type { Disposable } from '../../lib/disposable.ts'
import type { Dialer } from '../outbound/dialer.ts'
import { DialingAgent } from '../outbound/dialing-agent.ts'
import { relay } from '../proxy/relay.ts'
import type { Answer, ServerRequest, UserInfo } from '../request.ts'

/** Proves to aggregated servers that a request comes from this one, so that they believe whom it names. */
export interface ProxyCertificate {
  readonly certificate: string
  readonly key: string
}

export interface RemoteServers extends Disposable {
  ask(service: APIService, request: ServerRequest, user: UserInfo): Promise<Answer>
}

export function createRemoteServers(dialer: Dialer, proof: ProxyCertificate | undefined): RemoteServers {
  const agent = new DialingAgent((host, port) => {
    const [name = '', namespace = ''] = host.split('.')
    return dialer.dialService({ namespace, name }, port)
  })
  return {
    ask(service, request, user) {
      const { name = '', namespace = '', port = 443 } = service.spec?.service ?? {}
      const rawQuery = request.rawQuery ?? request.query.toString()
      const host = `${name}.${namespace}.svc`
      return relay(request, {
        via: { type: 'agent', agent, tls: tlsOptions(service, host, proof) },
        ...{ host, port, path: rawQuery === '' ? request.path : `${request.path}?${rawQuery}` },
        headers: identityHeaders(user),
      })
    },
    dispose: () => agent.destroy(),
  }
}

function tlsOptions({ spec }: APIService, servername: string, proof: ProxyCertificate | undefined): RequestOptions {
  return {
    servername,
    ...(spec?.caBundle === undefined ? {} : { ca: Buffer.from(spec.caBundle, 'base64').toString() }),
    ...(spec?.insecureSkipTLSVerify === true ? { rejectUnauthorized: false } : {}),
    ...(proof === undefined ? {} : { cert: proof.certificate, key: proof.key }),
  }
}

export function identityHeaders({ name, uid, groups, extra = {} }: UserInfo): Record<string, string | string[]> {
  const extras = Object.entries(extra).map(([key, values]): [string, string[]] => [
    `x-remote-extra-${encodeURIComponent(key.toLowerCase())}`,
    [...values],
  ])
  return {
    'x-remote-user': name,
    ...(uid === undefined ? {} : { 'x-remote-uid': uid }),
    ...(groups.length === 0 ? {} : { 'x-remote-group': [...groups] }),
    ...Object.fromEntries(extras),
  }
}
