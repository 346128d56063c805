/**
 * exec and attach over a WebSocket: each binary message starts with the number of its channel. Version 5 differs from
 * version 4 in that the client can close its standard input.
 */
import { PassThrough, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import type { Status } from '../../api/types/meta-v1.ts'
import type { UpgradedConnection } from '../request.ts'
import { TerminalSizes, type RemoteCommand, type WantedStreams } from './remote-command.ts'

/** The subprotocols that are understood, the preferred one first. */
export const commandProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** Larger messages than any client sends: keystrokes and pieces of files. */
const maximumMessageBytes = 4 * 1024 * 1024

/** The subprotocol to speak, from the client's header; undefined when it offers none that is understood. */
export function chooseProtocol(header: string | undefined, known: readonly string[]): string | undefined {
  const offered = (header ?? '').split(',').map((protocol) => protocol.trim())
  return known.find((protocol) => offered.includes(protocol))
}

/**
 * Completes the handshake. Its caller has made sure that `protocol` is among those the client offers; the header is
 * taken out and put back here, since `SPDY/3.1+portforward.k8s.io` is no token as RFC 6455 wants one.
 */
export function acceptWebSocket(
  { request, socket, head }: UpgradedConnection,
  protocol: string | undefined,
): Promise<WebSocket> {
  const server = new WebSocketServer({ noServer: true, maxPayload: maximumMessageBytes, perMessageDeflate: false })
  delete request.headers['sec-websocket-protocol']
  server.once('headers', (headers) => {
    if (protocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
  })
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('the client went away during the handshake')))
    server.handleUpgrade(request, socket, head, resolve)
  })
}

export async function openWebSocketCommand(
  connection: UpgradedConnection,
  protocol: string,
  wanted: WantedStreams,
): Promise<RemoteCommand> {
  const socket = await acceptWebSocket(connection, protocol)
  const stdin = new PassThrough()
  // What nobody reads must not hold up the messages behind it.
  if (!wanted.stdin) stdin.resume()
  const sizes = new TerminalSizes()
  const stdout = wanted.stdout ? channelWriter(socket, channel.stdout) : undefined
  const stderr = wanted.stderr && !wanted.tty ? channelWriter(socket, channel.stderr) : undefined
  socket.on('message', (data) => receive(socket, bytesOf(data), stdin, sizes))
  socket.on('close', () => {
    stdin.end()
    sizes.end()
  })
  socket.on('error', () => socket.terminate())
  // An empty message tells the client that the session stands.
  socket.send(Buffer.of(wanted.stdout ? channel.stdout : channel.error))
  return {
    streams: {
      ...(wanted.stdin ? { stdin } : {}),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      tty: wanted.tty,
      ...(wanted.tty ? { resize: sizes } : {}),
    },
    finish: (status) => finish(socket, [stdout, stderr], status),
  }
}

function receive(socket: WebSocket, message: Buffer, stdin: PassThrough, sizes: TerminalSizes): void {
  const content = message.subarray(1)
  switch (message[0]) {
    case channel.stdin:
      if (content.length === 0 || stdin.writableEnded || stdin.write(content)) return
      socket.pause()
      stdin.once('drain', () => socket.resume())
      return
    case channel.resize:
      sizes.accept(content.toString())
      return
    case channel.close:
      if (content[0] === channel.stdin) stdin.end()
      return
  }
}

/** Each write waits until the socket has taken it, so that a slow client slows the command down. */
function channelWriter(socket: WebSocket, number: number): Writable {
  const writer = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (socket.readyState !== socket.OPEN) done(new Error('the client is gone'))
      else socket.send(Buffer.concat([Buffer.of(number), chunk]), done)
    },
  })
  // Whoever writes finds out by the abort signal; the stream's own error is the same news again.
  writer.on('error', () => undefined)
  return writer
}

async function finish(socket: WebSocket, writers: readonly (Writable | undefined)[], status: Status): Promise<void> {
  await Promise.all(
    writers.map(async (writer) => {
      if (writer === undefined || writer.destroyed) return
      if (!writer.writableEnded) writer.end()
      if (!writer.writableFinished) await finished(writer)
    }),
  )
  if (socket.readyState !== socket.OPEN) return
  socket.send(Buffer.concat([Buffer.of(channel.error), Buffer.from(JSON.stringify(status))]))
  socket.close(1000)
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
