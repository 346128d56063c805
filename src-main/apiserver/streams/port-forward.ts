/** port-forward: a SPDY connection, bare or inside a WebSocket, on which the client opens a pair of streams per connection. */
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createWebSocketStream } from 'ws'
import { describeError } from '../../lib/log.ts'
import type { UpgradedConnection } from '../request.ts'
import { acceptSpdy } from './spdy-command.ts'
import { SpdyConnection, type SpdyStream } from './spdy.ts'
import { acceptWebSocket } from './websocket.ts'

export const portForwardProtocol = 'portforward.k8s.io'
/** The same, one SPDY connection inside of a WebSocket's messages. */
export const portForwardWebSocketProtocol = `SPDY/3.1+${portForwardProtocol}`

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
    void forward(error.duplex, data.duplex, Number(data.headers['port']), dial)
  })
  await spdy.ended
}

/** One connection, from both of its ends. What goes wrong is text on the error stream. */
async function forward(error: Duplex, data: Duplex, port: number, dial: DialPort): Promise<void> {
  error.resume()
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
