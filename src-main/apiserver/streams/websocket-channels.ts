/**
 * Several byte streams in the messages of one WebSocket: each message starts with the number of its channel, as a byte
 * in binary messages, as a digit (or what follows the digits) before base64 in the text messages that some browsers' clients prefer.
 */
import { Writable } from 'node:stream'
import type { RawData, WebSocket } from 'ws'

export type ChannelCodec = 'binary' | 'base64'

export interface ChannelMessage {
  readonly channel: number
  readonly content: Buffer
}

const zero = '0'.charCodeAt(0)

/** How the messages of a subprotocol are written. */
export const codecOf = (protocol: string): ChannelCodec => (protocol.includes('base64.') ? 'base64' : 'binary')

/** Undefined when the message names no channel. */
export function readMessage(data: RawData, codec: ChannelCodec): ChannelMessage | undefined {
  const bytes = bytesOf(data)
  const [first] = bytes
  if (first === undefined) return undefined
  const content = bytes.subarray(1)
  if (codec === 'binary') return { channel: first, content }
  return first < zero
    ? undefined
    : { channel: first - zero, content: Buffer.from(content.toString('latin1'), 'base64') }
}

/** `sent` is told when the socket has taken the message, or why it could not. */
export function sendMessage(
  socket: WebSocket,
  codec: ChannelCodec,
  channel: number,
  content: Buffer,
  sent?: (error?: Error) => void,
): void {
  if (codec === 'binary') socket.send(Buffer.concat([Buffer.of(channel), content]), { binary: true }, sent)
  else socket.send(String.fromCharCode(zero + channel) + content.toString('base64'), { binary: false }, sent)
}

/** Each write waits until the socket has taken it, so that a slow client slows down whoever writes. */
export function channelWriter(socket: WebSocket, codec: ChannelCodec, channel: number): Writable {
  const writer = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (socket.readyState !== socket.OPEN) done(new Error('the client is gone'))
      else sendMessage(socket, codec, channel, chunk, done)
    },
  })
  // Whoever writes finds out by the abort signal; the stream's own error is the same news again.
  writer.on('error', () => undefined)
  return writer
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
