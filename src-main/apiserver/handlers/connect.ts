/** exec, attach and port-forward: checks first, while an error can still be told as a Status; then the socket changes its protocol. */
import { badRequest, StatusError, internalError } from '../../api/errors.ts'
import type { Live } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core-v1.ts'
import { describeError } from '../../lib/log.ts'
import { isTrue } from '../filters/request-info.ts'
import type { NodeAgents, ProcessStreams } from '../node-agent.ts'
import type { Answer, ServerRequest, UpgradedConnection } from '../request.ts'
import {
  portForwardChannelProtocols,
  portForwardProtocol,
  portForwardWebSocketProtocol,
  servePortForward,
  servePortForwardChannels,
  type DialPort,
} from '../streams/port-forward.ts'
import { openSpdyCommand, spdyCommandProtocols } from '../streams/spdy-command.ts'
import { exitStatus, type RemoteCommand, type WantedStreams } from '../streams/remote-command.ts'
import { chooseProtocol, closingCommandProtocol, commandProtocols, openWebSocketCommand } from '../streams/websocket.ts'
import { agentOf, chooseContainer, containerAddress, containerStatus } from './pod-container.ts'

export type ConnectSubresource = 'exec' | 'attach' | 'portforward'

type Run = (streams: ProcessStreams) => Promise<number>
type Opener = (connection: UpgradedConnection) => Promise<RemoteCommand>

/** Grants the upgrade of the request's connection, or throws. */
export async function handleConnect(
  subresource: ConnectSubresource,
  pod: Live<Pod>,
  request: ServerRequest,
  agents: NodeAgents,
): Promise<Answer> {
  const nodeName = runningOn(pod, subresource)
  if (subresource === 'portforward') {
    const serve = portForwarder(request)
    const agent = agentOf(pod, nodeName, agents)
    const { namespace, pod: name, uid } = containerAddress(pod, '')
    const served = (connection: UpgradedConnection): Promise<void> =>
      serve(connection, (port) => agent.portForward({ namespace, pod: name, uid }, port))
    return { type: 'upgrade', start: (connection) => void served(connection).catch(() => connection.socket.destroy()) }
  }
  const container = chooseContainer(pod, request.query.get('container'))
  const wanted = wantedStreams(request.query)
  const command = request.query.getAll('command')
  if (subresource === 'exec' && command.length === 0)
    throw badRequest('you must specify at least one command for the container')
  const open = openerOf(request, wanted)
  refuseUnlessRunning(pod, container)
  const agent = agentOf(pod, nodeName, agents)
  const address = containerAddress(pod, container)
  return upgrade(open, async (streams) => {
    if (subresource === 'exec') return agent.exec(address, command, streams, request.signal)
    await agent.attach(address, streams, request.signal)
    return 0
  })
}

function runningOn(pod: Live<Pod>, subresource: ConnectSubresource): string {
  const phase = pod.status?.phase
  if (phase === 'Succeeded' || phase === 'Failed')
    throw badRequest(`cannot ${subresource} into a container in a completed pod; current phase is ${phase}`)
  const nodeName = pod.spec?.nodeName ?? ''
  if (nodeName === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
  return nodeName
}

function wantedStreams(query: URLSearchParams): WantedStreams {
  const wanted = (name: string): boolean => isTrue(query.get(name))
  const streams = { stdin: wanted('stdin'), stdout: wanted('stdout'), stderr: wanted('stderr'), tty: wanted('tty') }
  if (!streams.stdin && !streams.stdout && !streams.stderr)
    throw badRequest('you must specify at least one of stdin, stdout, stderr')
  return streams
}

interface Protocols {
  readonly websocket: readonly string[]
  /** Taken wherever a WebSocket's client offers it. */
  readonly preferred: string
  readonly spdy: readonly string[]
}

/** The protocol of the upgrade; throws when the client offers none that is understood. */
function offered(request: ServerRequest, protocols: Protocols): Offer {
  const { headers } = request
  const upgrade = headers['upgrade']?.toLowerCase()
  const way = upgrade === 'websocket' ? 'websocket' : upgrade === 'spdy/3.1' ? 'spdy' : undefined
  if (way === undefined) throw badRequest('Upgrade request required')
  const header = headers[way === 'websocket' ? 'sec-websocket-protocol' : 'x-stream-protocol-version']
  if (way === 'spdy' && header === undefined)
    throw badRequest('unable to upgrade: header X-Stream-Protocol-Version does not exist in request')
  const protocol = chooseProtocol(header, protocols[way], way === 'websocket' ? protocols.preferred : undefined)
  if (protocol === undefined) throw forbiddenProtocol(header ?? '', protocols[way])
  return { way, protocol }
}

const forbiddenProtocol = (client: string, server: readonly string[]): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    `unable to upgrade: unable to negotiate protocol: client supports [${client
      .split(',')
      .map((one) => one.trim())
      .join(' ')}], server accepts [${server.join(' ')}]`,
  )

interface Offer {
  readonly way: 'websocket' | 'spdy'
  readonly protocol: string
}

function openerOf(request: ServerRequest, wanted: WantedStreams): Opener {
  const { way, protocol } = offered(request, {
    websocket: commandProtocols,
    preferred: closingCommandProtocol,
    spdy: spdyCommandProtocols,
  })
  return (connection) =>
    way === 'websocket'
      ? openWebSocketCommand(connection, protocol, wanted)
      : openSpdyCommand(connection, protocol, wanted)
}

function portForwarder(request: ServerRequest): (connection: UpgradedConnection, dial: DialPort) => Promise<void> {
  const { way, protocol } = offered(request, {
    websocket: [portForwardWebSocketProtocol, ...portForwardChannelProtocols],
    preferred: portForwardWebSocketProtocol,
    spdy: [portForwardProtocol],
  })
  if (way === 'spdy' || protocol === portForwardWebSocketProtocol)
    return (connection, dial) => servePortForward(connection, way, dial)
  const ports = wantedPorts(request.query.getAll('ports'))
  return (connection, dial) => servePortForwardChannels(connection, protocol, ports, dial)
}

/** `ports=80&ports=81,82`, as clients name them that open no streams. */
function wantedPorts(texts: readonly string[]): number[] {
  if (texts.length === 0) throw badRequest('query parameter "ports" is required')
  return texts.flatMap((text) => {
    if (text === '') throw badRequest('query parameter "ports" cannot be empty')
    return text.split(',').map((one) => {
      const port = /^[0-9]+$/.test(one) ? Number(one) : NaN
      if (!(port <= 65_535)) throw badRequest(`unable to parse ${JSON.stringify(text)} as a port`)
      if (port < 1) throw badRequest(`port ${JSON.stringify(text)} must be > 0`)
      return port
    })
  })
}

function refuseUnlessRunning(pod: Live<Pod>, container: string): void {
  const state = containerStatus(pod, container)?.state
  if (state?.waiting !== undefined || state?.terminated !== undefined)
    throw internalError(`unable to upgrade connection: container not found ("${container}")`)
}

/** Whatever happens after the upgrade reaches the client as the session's last word. */
function upgrade(open: Opener, run: Run): Answer {
  const session = async (connection: UpgradedConnection): Promise<void> => {
    const command = await open(connection)
    try {
      const code = await run(command.streams)
      await command.finish(exitStatus(code))
    } catch (error) {
      const failure = error instanceof StatusError ? error : internalError(describeError(error))
      await command.finish(failure.toStatus())
    }
  }
  return {
    type: 'upgrade',
    // What still fails here is the connection itself: there is nobody left to tell.
    start: (connection) => void session(connection).catch(() => connection.socket.destroy()),
  }
}
