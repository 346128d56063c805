/**
 * port-forward. Over SPDY, bare or inside a WebSocket, the client opens a pair of streams for each connection. Over the
 * channels of a WebSocket it names the ports in the request, and each port is one connection on two channels.
 */
import { Duplex, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createWebSocketStream, type WebSocket } from 'ws'
import { describeError } from '../../lib/log.ts'
import type { UpgradedConnection } from '../request.ts'
import { acceptSpdy } from './spdy-command.ts'
import { SpdyConnection, type SpdyStream } from './spdy.ts'
import { channelWriter, codecOf, readMessage, type ChannelCodec } from './websocket-channels.ts'
import { acceptWebSocket } from './websocket.ts'

export const portForwardProtocol = 'portforward.k8s.io'
/** The same, one SPDY connection inside of a WebSocket's messages. */
export const portForwardWebSocketProtocol = `SPDY/3.1+${portForwardProtocol}`
/** Channels instead of streams; the empty one is that of a client which offers none. */
export const portForwardChannelProtocols = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''] as const

/** Connects to a port of the pod. */
export type DialPort = (port: number) => Promise<Duplex>

/** Resolves when the client is gone. */
export async function servePortForward(
  connection: UpgradedConnection,
  way: 'spdy' | 'websocket',
  dial: DialPort,
): Promise<void> {
  const transport =
    way === 'spdy'
      ? acceptSpdy(connection, portForwardProtocol)
      : createWebSocketStream(await acceptWebSocket(connection, portForwardWebSocketProtocol))
  const halves = new Map<string, SpdyStream>()
  const spdy = new SpdyConnection(transport, (stream) => {
    const { requestid: id = '', streamtype: type } = stream.headers
    if (type !== 'error' && type !== 'data') {
      stream.duplex.destroy()
      return
    }
    const other = halves.get(id)
    if (other === undefined) {
      halves.set(id, stream)
      return
    }
    halves.delete(id)
    const [error, data] = type === 'data' ? [other, stream] : [stream, other]
    error.duplex.resume()
    void forward(error.duplex, data.duplex, Number(data.headers['port']), dial)
  })
  await spdy.ended
}

/** One connection per port of `ports`, each on two channels that first tell the port's number. Resolves when all have ended. */
export async function servePortForwardChannels(
  connection: UpgradedConnection,
  protocol: string,
  ports: readonly number[],
  dial: DialPort,
): Promise<void> {
  const socket = await acceptWebSocket(connection, protocol)
  socket.on('error', () => socket.terminate())
  const codec = codecOf(protocol)
  const pairs = ports.map((port, index) => {
    const [data, error] = [channelDuplex(socket, codec, 2 * index), channelWriter(socket, codec, 2 * index + 1)]
    const number = Buffer.alloc(2)
    number.writeUInt16LE(port)
    data.write(number)
    error.write(number)
    return { port, data, error }
  })
  socket.on('message', (message) => {
    const { channel = 1, content = Buffer.alloc(0) } = readMessage(message, codec) ?? {}
    const data = channel % 2 === 0 ? pairs[channel / 2]?.data : undefined
    if (data === undefined || content.length === 0 || data.push(content)) return
    socket.pause()
    data.once('wanted', () => socket.resume())
  })
  socket.on('close', () => pairs.forEach(({ data }) => data.destroy()))
  await Promise.all(pairs.map(({ port, data, error }) => forward(error, data, port, dial)))
  socket.close(1000)
}

/** Reads what is pushed into it, writes messages of the channel; tells by `wanted` when it takes more. */
function channelDuplex(socket: WebSocket, codec: ChannelCodec, channel: number): Duplex {
  const writer = channelWriter(socket, codec, channel)
  const duplex = new Duplex({
    read: () => void duplex.emit('wanted'),
    write: (chunk: Buffer, _encoding, done) => void writer.write(chunk, done),
  })
  // A client may leave before its port was reached, when nobody listens to this yet.
  duplex.on('error', () => undefined)
  return duplex
}

/** One connection, from both of its ends. What goes wrong is text on the error stream. */
async function forward(error: Writable, data: Duplex, port: number, dial: DialPort): Promise<void> {
  try {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${port} is not a port`)
    const socket = await dial(port)
    data.pipe(socket)
    await pipeline(socket, data)
    // The pod has said all. Clients then reset their stream, which is no failure; what they still send is dropped.
    data.resume()
  } catch (failure) {
    if (!error.destroyed) error.write(`an error occurred forwarding to port ${port}: ${describeError(failure)}`)
    data.destroy()
  }
  error.end()
}
