/** HTTP servers on this machine that stand behind services of a test's cluster, reached through a node's agent. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttp, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { node as nodeKind } from '../../src-main/api/kinds/core/node.ts'
import { service as serviceKind } from '../../src-main/api/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/api/kinds/discovery/endpoint-slice.ts'
import type { ServicePort } from '../../src-main/api/types/core-v1.ts'
import type { NodeAgent, NodeAgents } from '../../src-main/apiserver/node-agent.ts'
import type { Client } from '../../src-main/client/client.ts'
import { openPki, type Pki } from '../../src-main/lab/pki.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'

export interface ClusterServers {
  /** What a webhook configuration names to trust these servers. */
  readonly caBundle: string
  readonly pki: Pki
  readonly nodeAgents: NodeAgents
  /** How many connections the node has opened. */
  readonly dials: () => number
  /** Starts a server that has the certificate; gives the address that the node finds it at. */
  start(listener: RequestListener, options?: ServerOptions): Promise<PodServer>
  /** Ends every server and connection. */
  dispose(): Promise<void>
}

export interface ServerOptions {
  /** HTTP without TLS. */
  readonly plain?: true
  /** Another authority than the lab's. */
  readonly pki?: Pki
  /** PEM: clients must have a certificate of this authority. */
  readonly asksForCertificate?: string
}

export interface PodServer {
  readonly address: string
  readonly port: number
  readonly server: Server
  /** Breaks all connections. */
  cut(): void
}

/** `names` are those of the servers' certificate, such as `web.shop.svc`. */
export async function openClusterServers(names: readonly string[]): Promise<ClusterServers> {
  const folder = await mkdtemp(join(tmpdir(), 'orrery-servers-'))
  const pki = await openPki({
    ...{ folder, lab: 'test', clock: systemClock, random: systemRandom, log: silentLog },
    ...{ serviceAddress: '10.96.0.1', extraNames: names },
  })
  const behind = new Map<string, number>()
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  let dials = 0
  const absent = (): Promise<never> => Promise.reject(new Error('not asked for'))
  const agent: NodeAgent = {
    ...{ logs: absent, exec: absent, attach: absent, usage: () => Promise.resolve([]), portForward: absent },
    dial(host, port) {
      const local = behind.get(`${host}:${port}`)
      if (local === undefined) return Promise.reject(new Error('connect: connection refused'))
      dials++
      return new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port: local })
        socket.once('connect', () => resolve(socket)).once('error', reject)
        socket.on('error', () => undefined)
      })
    },
  }
  return {
    caBundle: Buffer.from(pki.ca).toString('base64'),
    pki,
    nodeAgents: (name) => (name === 'worker' ? agent : undefined),
    dials: () => dials,
    async start(listener, options = {}) {
      const own = options.pki ?? pki
      const server =
        options.plain === true
          ? createHttp(listener)
          : createHttps({ cert: own.server.certificate, key: own.server.key, ...clientCertificates(options) }, listener)
      const mine = new Set<Socket>()
      server.on('connection', (socket: Socket) => {
        for (const set of [sockets, mine]) set.add(socket)
        socket.on('error', () => undefined)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      servers.push(server)
      const address = `10.244.0.${servers.length + 1}`
      behind.set(`${address}:8443`, (server.address() as AddressInfo).port)
      return {
        ...{ address, port: 8443, server },
        cut: () => {
          for (const socket of mine) socket.destroy()
        },
      }
    },
    async dispose() {
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
      await rm(folder, { recursive: true })
    },
  }
}

const clientCertificates = ({ asksForCertificate: ca }: ServerOptions): object =>
  ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }

/** A service in front of a server, with the node whose agent reaches it. */
export async function publish(
  client: Client,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { address, port }: Pick<PodServer, 'address' | 'port'>,
  servicePort: ServicePort = { port: 443 },
): Promise<void> {
  await client.create(nodeKind, { metadata: { name: 'worker' } }).catch(() => undefined)
  await client.create(serviceKind, { metadata: { namespace, name }, spec: { ports: [servicePort] } })
  await client.create(endpointSlice, {
    metadata: { namespace, name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true }, nodeName: 'worker' }],
    ports: [{ ...(servicePort.name === undefined ? {} : { name: servicePort.name }), port, protocol: 'TCP' }],
  })
}
