/**
 * Of several servers that share a store, one drives the workers and one schedules. What only they know is asked of them,
 * in the name of whoever asks: their Leases say who they are and where.
 */
import { connect } from 'node:net'
import type { Lease } from '../../api/types/coordination-v1.ts'
import type { Disposable } from '../../lib/disposable.ts'
import { identityHeaders, type ProxyCertificate } from '../aggregation/remote-server.ts'
import type { ResourceCache } from '../cache/resource-cache.ts'
import type { ResourceTarget } from '../filters/request-info.ts'
import { DialingAgent } from '../outbound/dialing-agent.ts'
import { relay } from '../proxy/relay.ts'
import type { Answer, ServerRequest, UserInfo } from '../request.ts'

/** The annotation of a Lease by which its holder tells where it serves, such as `https://127.0.0.1:6443`. */
export const serverAnnotation = 'orrery.dev/server'

export const leases = { machines: 'orrery-machines', scheduler: 'kube-scheduler' } as const

export interface ServerGroup {
  /** What this server is called in Leases. */
  readonly name: string
  /** PEM: has signed the certificate of each server of the group. */
  readonly ca: string
  /** Lets the others believe for whom this one asks. */
  readonly proof: ProxyCertificate
}

/** In the certificate of every server, whatever its address is. */
const nameInCertificates = 'kubernetes.default.svc'
/** A request goes on once: when the lead has changed meanwhile, the one that it reached answers as it can. */
const passedOnHeader = 'x-orrery-passed-on-by'

export class LeadingServers implements Disposable {
  private readonly group: ServerGroup
  private readonly leases: ResourceCache
  private readonly agent = new DialingAgent((host, port) => Promise.resolve(connect({ host, port, noDelay: true })))

  constructor(group: ServerGroup, leasesOfCluster: ResourceCache) {
    this.group = group
    this.leases = leasesOfCluster
  }

  /** Undefined: the request is this server's own, or nobody knows better. */
  answer(request: ServerRequest, target: ResourceTarget, user: UserInfo): Promise<Answer> | undefined {
    const name = leaseFor(target)
    if (name === undefined || request.headers[passedOnHeader] !== undefined) return undefined
    const server = this.otherHolderOf(name)
    if (server === undefined) return undefined
    const { ca, proof, name: own } = this.group
    const rawQuery = request.rawQuery ?? request.query.toString()
    return relay(request, {
      via: {
        type: 'agent',
        agent: this.agent,
        tls: { servername: nameInCertificates, ca, cert: proof.certificate, key: proof.key },
      },
      ...{ host: server.hostname, port: Number(server.port) },
      path: rawQuery === '' ? request.path : `${request.path}?${rawQuery}`,
      headers: { ...identityHeaders(user), [passedOnHeader]: own },
    })
  }

  dispose(): void {
    this.agent.destroy()
  }

  private otherHolderOf(name: string): URL | undefined {
    const lease = this.leases.get(`kube-system/${name}`)?.object as Lease | undefined
    const holder = lease?.spec?.holderIdentity ?? ''
    if (holder === '' || holder === this.group.name) return undefined
    const address = lease?.metadata?.annotations?.[serverAnnotation] ?? ''
    return URL.canParse(address) ? new URL(address) : undefined
  }
}

const ofPods = new Set(['log', 'exec', 'attach', 'portforward', 'proxy'])

/** Whose holder alone can answer; undefined: every server can. */
function leaseFor({ group, plural, subresource }: ResourceTarget): string | undefined {
  if (group === 'metrics.k8s.io') return leases.machines
  if (group === 'glass.orrery.dev') return plural === 'decisions' ? leases.scheduler : undefined
  if (group !== '') return undefined
  const needsWorkers = plural === 'pods' ? ofPods.has(subresource) : subresource === 'proxy'
  return needsWorkers ? leases.machines : undefined
}
