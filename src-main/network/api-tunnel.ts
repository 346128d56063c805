/** How pods reach the API server: a port of the worker that leads back to the app. */
import type { Duplex } from 'node:stream'
import type { Disposable } from '../lib/disposable.ts'
import type { Machine } from '../machines/machine.ts'
import { joinSockets } from './join-sockets.ts'
import type { LocalRoute } from './proxy/iptables/rules.ts'

export interface ApiTunnelOptions {
  readonly machine: Machine
  /** A new connection to the API server's TLS port. */
  readonly connect: () => Duplex
  /** The address of the service `kubernetes`. */
  readonly serviceAddress: string
  readonly servicePort?: number
  /** The worker's port; absent: any. A fixed one keeps the rules of the node the same after a restart. */
  readonly port?: number
}

export interface ApiTunnel extends Disposable {
  /** For `startProxy`: leads the service's address to the tunnel. */
  readonly route: LocalRoute
}

export async function startApiTunnel(options: ApiTunnelOptions): Promise<ApiTunnel> {
  const { machine, connect, serviceAddress, servicePort = 443, port = 0 } = options
  const listener = await machine.listenTcp(port, (socket) => joinSockets(socket, connect()))
  return {
    route: {
      name: 'API server',
      address: serviceAddress,
      port: servicePort,
      protocol: 'tcp',
      target: `127.0.0.1:${listener.port}`,
    },
    dispose: () => listener.dispose(),
  }
}
