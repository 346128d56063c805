/** Asks a gRPC server for its health (`grpc.health.v1.Health/Check`) over a stream that is open already. */
import { connect, type ClientHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'

/** The states of HealthCheckResponse. */
const states = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
const unimplemented = 12

/** Undefined: it serves; else what is wrong. Rejects when the connection fails or `signal` aborts. */
export async function grpcHealth(
  socket: Duplex,
  authority: string,
  service: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const session = connect(`http://${authority}`, { createConnection: () => socket })
  try {
    const { status, words, message } = await call(session, requestOf(service), signal)
    if (status === unimplemented)
      return `this server does not implement the grpc health protocol (grpc.health.v1.Health): ${words}`
    if (status !== 0) return `service unhealthy (responded with grpc status ${status}: ${words})`
    const state = stateOf(message)
    return state === 1 ? undefined : `service unhealthy (responded with ${JSON.stringify(states[state] ?? state)})`
  } finally {
    session.destroy()
  }
}

interface Answer {
  readonly status: number
  readonly words: string
  readonly message: Buffer
}

function call(session: ClientHttp2Session, request: Buffer, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.on('error', reject)
    const stream = session.request(
      {
        ...{ ':method': 'POST', ':path': '/grpc.health.v1.Health/Check' },
        ...{ 'content-type': 'application/grpc', te: 'trailers', 'user-agent': 'kube-probe/1.36' },
      },
      { signal },
    )
    const chunks: Buffer[] = []
    let end: Readonly<Record<string, unknown>> = {}
    // A call that fails at once has its status among the headers.
    stream.on('response', (headers) => (end = headers))
    stream.on('trailers', (trailers) => (end = trailers))
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () => {
      const status = end['grpc-status'] === undefined ? 2 : Number(end['grpc-status'])
      resolve({ status, words: String(end['grpc-message'] ?? ''), message: Buffer.concat(chunks) })
    })
    stream.end(request)
  })
}

/** A frame (not compressed, length) around HealthCheckRequest { service = 1 }. */
function requestOf(service: string): Buffer {
  const name = Buffer.from(service)
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

/** HealthCheckResponse { status = 1 } in its frame; a missing field is 0. */
const stateOf = (frame: Buffer): number => (frame[5] === 0x08 ? (frame[6] ?? 0) : 0)
