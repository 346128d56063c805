/**
 * exec and attach over a WebSocket, one channel for each of the process's streams. Version 5 differs from version 4 in
 * that the client can close its standard input; what came before version 4 tells a failure as text, a success not at all.
 */
import { PassThrough, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import type { UpgradedConnection } from '../request.ts'
import { lastWord, TerminalSizes, type RemoteCommand, type WantedStreams } from './remote-command.ts'
import { channelWriter, codecOf, readMessage, sendMessage, type ChannelCodec } from './websocket-channels.ts'

/** The subprotocol that is taken wherever it is offered. */
export const closingCommandProtocol = 'v5.channel.k8s.io'
/** The subprotocols that are understood; the empty one is that of a client which offers none. */
export const commandProtocols = [
  closingCommandProtocol,
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
] as const

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** Larger messages than any client sends: keystrokes and pieces of files. */
const maximumMessageBytes = 4 * 1024 * 1024

/**
 * The subprotocol to speak, from the client's header: `preferred` wherever it is offered, otherwise the first of the
 * client's that is understood. Undefined when there is none.
 */
export function chooseProtocol(
  header: string | undefined,
  known: readonly string[],
  preferred?: string,
): string | undefined {
  const offered = (header ?? '').split(',').map((protocol) => protocol.trim())
  if (preferred !== undefined && offered.includes(preferred)) return preferred
  return offered.find((protocol) => known.includes(protocol))
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
    if (protocol !== undefined && protocol !== '') headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
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
  const codec = codecOf(protocol)
  const stdin = new PassThrough()
  // What nobody reads must not hold up the messages behind it.
  if (!wanted.stdin) stdin.resume()
  const sizes = new TerminalSizes()
  const stdout = wanted.stdout ? channelWriter(socket, codec, channel.stdout) : undefined
  const stderr = wanted.stderr && !wanted.tty ? channelWriter(socket, codec, channel.stderr) : undefined
  const closing = protocol === closingCommandProtocol
  socket.on('message', (data) => receive(socket, data, codec, closing, stdin, sizes))
  socket.on('close', () => {
    stdin.end()
    sizes.end()
  })
  socket.on('error', () => socket.terminate())
  // An empty message tells the client that the session stands.
  sendMessage(socket, codec, firstOutput(wanted), Buffer.alloc(0))
  return {
    streams: {
      ...(wanted.stdin ? { stdin } : {}),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      tty: wanted.tty,
      ...(wanted.tty ? { resize: sizes } : {}),
    },
    finish: (status) => finish(socket, codec, [stdout, stderr], lastWord(status, protocol)),
  }
}

function firstOutput({ stdout, stderr, tty }: WantedStreams): number {
  if (stdout) return channel.stdout
  return stderr && !tty ? channel.stderr : channel.error
}

function receive(
  socket: WebSocket,
  data: RawData,
  codec: ChannelCodec,
  closing: boolean,
  stdin: PassThrough,
  sizes: TerminalSizes,
): void {
  const message = readMessage(data, codec)
  const content = message?.content ?? Buffer.alloc(0)
  switch (message?.channel) {
    case channel.stdin:
      if (content.length === 0 || stdin.writableEnded || stdin.write(content)) return
      socket.pause()
      stdin.once('drain', () => socket.resume())
      return
    case channel.resize:
      sizes.accept(content.toString())
      return
    case channel.close:
      if (closing && content[0] === channel.stdin) stdin.end()
      return
  }
}

async function finish(
  socket: WebSocket,
  codec: ChannelCodec,
  writers: readonly (Writable | undefined)[],
  word: string,
): Promise<void> {
  await Promise.all(
    writers.map(async (writer) => {
      if (writer === undefined || writer.destroyed) return
      if (!writer.writableEnded) writer.end()
      if (!writer.writableFinished) await finished(writer)
    }),
  )
  if (socket.readyState !== socket.OPEN) return
  if (word !== '') sendMessage(socket, codec, channel.error, Buffer.from(word))
  socket.close(1000)
}
