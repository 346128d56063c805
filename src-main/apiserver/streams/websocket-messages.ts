/**
 * What lasts (a watch, a followed log) as messages of a WebSocket: one event, or one piece of the log, per message.
 * Kubernetes offers the same. A browser opens only six HTTP/1.1 connections to one server, but many WebSockets.
 */
import { Writable } from 'node:stream'
import type { Exchange } from '../exchange.ts'
import type { UpgradedConnection } from '../request.ts'
import { acceptWebSocket, chooseProtocol } from './websocket.ts'

/** Text messages for clients that read no binary ones. */
const base64Protocol = 'base64.binary.k8s.io'

/** Completes the handshake; what is then written to the exchange's sink goes out as messages. */
export async function webSocketExchange(
  connection: UpgradedConnection,
  exchange: Exchange,
  messages: 'text' | 'binary',
): Promise<Exchange> {
  const protocol = chooseProtocol(exchange.headers['sec-websocket-protocol'], ['binary.k8s.io', base64Protocol])
  const socket = await acceptWebSocket(connection, protocol)
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (socket.readyState !== socket.OPEN) done(new Error('the client is gone'))
      else if (protocol === base64Protocol) socket.send(chunk.toString('base64'), { binary: false }, done)
      else socket.send(chunk, { binary: messages === 'binary' }, done)
    },
    final(done) {
      socket.close(1000)
      done()
    },
    destroy(error, done) {
      // After a proper end the closing handshake is on its way; anything else is cut off.
      if (socket.readyState === socket.OPEN) socket.terminate()
      done(error)
    },
  })
  socket.on('close', () => sink.destroy())
  socket.on('error', () => socket.terminate())
  // Nothing is expected of the client but its leaving.
  socket.on('message', () => undefined)
  return { ...exchange, sink, begin: () => undefined }
}
