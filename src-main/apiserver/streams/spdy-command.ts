/** exec and attach over SPDY/3.1, as Go's clients up to Kubernetes 1.29 use it: a stream for each of the process's own. */
import { finished } from 'node:stream/promises'
import type { Duplex } from 'node:stream'
import type { UpgradedConnection } from '../request.ts'
import { lastWord, TerminalSizes, type RemoteCommand, type WantedStreams } from './remote-command.ts'
import { SpdyConnection } from './spdy.ts'

/** Version 3 brought terminal sizes, version 4 the Status at the end. */
export const spdyCommandProtocols = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
] as const
const withSizes: readonly string[] = ['v4.channel.k8s.io', 'v3.channel.k8s.io']

type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize'

/** Answers the upgrade. `protocol` is among those that the client offers. */
export function acceptSpdy({ socket, head }: UpgradedConnection, protocol: string): Duplex {
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'connection: Upgrade',
      'upgrade: SPDY/3.1',
      `x-stream-protocol-version: ${protocol}`,
      '',
      '',
    ].join('\r\n'),
  )
  if (head.length > 0) socket.unshift(head)
  return socket
}

/** Resolves when the client has opened every stream that it asked for. */
export async function openSpdyCommand(
  connection: UpgradedConnection,
  protocol: string,
  wanted: WantedStreams,
): Promise<RemoteCommand> {
  const open = new Map<StreamType, Duplex>()
  const expected = expectedStreams(wanted, withSizes.includes(protocol))
  let complete = (): void => undefined
  const opened = new Promise<void>((resolve) => (complete = resolve))
  const spdy = new SpdyConnection(acceptSpdy(connection, protocol), ({ headers, duplex }) => {
    const type = expected.find((one) => one === headers['streamtype'])
    if (type === undefined || open.has(type)) {
      duplex.destroy()
      return
    }
    open.set(type, duplex)
    if (open.size === expected.length) complete()
  })
  const gone = spdy.ended.then(() => Promise.reject(new Error('the client went away before it had opened its streams')))
  await Promise.race([opened, gone])

  const sizes = new TerminalSizes()
  const resize = open.get('resize')
  if (resize !== undefined) void readSizes(resize, sizes)
  // Go's clients half-close what they only read from, which says nothing; what they send there would block the rest.
  for (const type of ['error', 'stdout', 'stderr'] as const) open.get(type)?.resume()
  const [stdin, stdout, stderr] = [open.get('stdin'), open.get('stdout'), open.get('stderr')]
  return {
    streams: {
      ...(stdin === undefined ? {} : { stdin }),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
      tty: wanted.tty,
      ...(wanted.tty ? { resize: sizes } : {}),
    },
    async finish(status) {
      sizes.end()
      await Promise.all([stdout, stderr].map(endOf))
      const error = open.get('error')
      const word = lastWord(status, protocol)
      if (word !== '') error?.write(word)
      await endOf(error)
      await spdy.close()
    },
  }
}

function expectedStreams({ stdin, stdout, stderr, tty }: WantedStreams, sizes: boolean): StreamType[] {
  return [
    'error',
    ...(stdin ? (['stdin'] as const) : []),
    ...(stdout ? (['stdout'] as const) : []),
    ...(stderr && !tty ? (['stderr'] as const) : []),
    ...(tty && sizes ? (['resize'] as const) : []),
  ]
}

/** Sizes come as JSON objects one after another, in whatever pieces. */
async function readSizes(stream: Duplex, sizes: TerminalSizes): Promise<void> {
  let text = ''
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      text += piece.toString()
      const end = text.lastIndexOf('}') + 1
      const [newest] = text.slice(0, end).match(/\{[^{}]*\}(?=[^{}]*$)/) ?? []
      if (newest !== undefined) sizes.accept(newest)
      text = text.slice(end)
    }
  } catch {
    // The client is gone, and with it its terminal.
  }
  sizes.end()
}

async function endOf(stream: Duplex | undefined): Promise<void> {
  if (stream === undefined || stream.destroyed || stream.writableFinished) return
  stream.end()
  // A client that goes away in between needs no end.
  await finished(stream, { readable: false }).catch(() => undefined)
}
