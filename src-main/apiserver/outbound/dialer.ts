/**
 * How the API server connects to what others serve. Pods and services live on networks that only workers reach, so a
 * connection to them is opened by a node: that of the pod, or any that answers when it is not known which one it is.
 */
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { serviceUnavailable, StatusError } from '../../api/errors.ts'
import { describeError } from '../../lib/log.ts'
import type { Random } from '../../lib/random.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { NodeAgent, NodeAgents } from '../node-agent.ts'
import { serviceTarget, type ServiceEndpoint, type ServiceName } from './service-endpoint.ts'

export interface Dialer {
  /** To an address on the pods' networks. */
  dialEndpoint(endpoint: ServiceEndpoint): Promise<Duplex>
  /** To one of the endpoints behind a port of a service, in turn until one takes the connection. */
  dialService(service: ServiceName, port: number): Promise<Duplex>
  /** From this computer, as for the URL of a webhook. */
  dialHost(host: string, port: number): Promise<Duplex>
}

export interface DialerOptions {
  readonly cache: WatchCache
  readonly nodeAgents: NodeAgents
  readonly random: Random
}

export function createDialer({ cache, nodeAgents, random }: DialerOptions): Dialer {
  const agentFor = (nodeName: string): NodeAgent => {
    const names =
      nodeName === ''
        ? cache
            .resource('core/nodes')
            .list({})
            .map(({ key }) => key)
        : [nodeName]
    const agent = names.map(nodeAgents).find((found) => found !== undefined)
    if (agent !== undefined) return agent
    throw serviceUnavailable(nodeName === '' ? 'no node can be reached now' : `node ${nodeName} cannot be reached now`)
  }
  const dialEndpoint = async ({ address, port, nodeName }: ServiceEndpoint): Promise<Duplex> => {
    const shown = `dial tcp ${address.includes(':') ? `[${address}]` : address}:${port}`
    try {
      return await agentFor(nodeName).dial(address, port)
    } catch (error) {
      throw Object.assign(serviceUnavailable(`${shown}: ${describeError(error)}`), { cause: error })
    }
  }
  return {
    dialEndpoint,
    dialHost,
    async dialService(service, port) {
      const target = serviceTarget(cache, service, port)
      if (target.type === 'external') return dialHost(target.host, target.port)
      const { endpoints } = target
      const start = random.integer(endpoints.length)
      return firstOf([...endpoints.slice(start), ...endpoints.slice(0, start)], dialEndpoint)
    },
  }
}

/** The first endpoint that takes the connection; what the last one said when none does. */
async function firstOf(
  endpoints: readonly ServiceEndpoint[],
  dial: (endpoint: ServiceEndpoint) => Promise<Duplex>,
): Promise<Duplex> {
  let failure: unknown
  for (const endpoint of endpoints) {
    try {
      return await dial(endpoint)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function dialHost(host: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const failed = (error: Error): void =>
      reject(new StatusError(503, 'ServiceUnavailable', `dial tcp ${host}:${port}: ${error.message}`))
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      resolve(socket)
    })
  })
}
