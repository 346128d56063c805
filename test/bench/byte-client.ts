/** Reads answers as bytes and throws them away: the client's own work must not be what is measured. */
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { Connection } from './measured-server.ts'

export interface Received {
  readonly ms: number
  readonly firstByteMs: number
  readonly bytes: number
}

export interface ByteClient {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Received>
  getJson(path: string): Promise<unknown>
  open(path: string, headers?: Readonly<Record<string, string>>): ClientHttp2Stream
  close(): void
}

/** As large a window as Go's client opens for a whole connection. */
const windowBytes = 4 * 1024 * 1024

export function connectBytes({ url, ca, certificate, key }: Connection): ByteClient {
  const session: ClientHttp2Session = connect(url, {
    ca,
    cert: certificate,
    key,
    settings: { initialWindowSize: windowBytes },
  })
  session.once('connect', () => session.setLocalWindowSize(4 * windowBytes))
  const open: ByteClient['open'] = (path, headers = {}) => session.request({ ':path': path, ...headers })
  const receive = (
    path: string,
    headers: Readonly<Record<string, string>>,
    take: (chunk: Buffer) => void,
  ): Promise<Received> =>
    new Promise((resolve, reject) => {
      const sent = performance.now()
      let firstByteMs = 0
      let bytes = 0
      let status = 0
      const stream = open(path, headers)
      stream.on('response', (answer) => {
        status = Number(answer[':status'])
        firstByteMs = performance.now() - sent
      })
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        take(chunk)
      })
      stream.on('error', reject)
      stream.on('end', () => {
        if (status !== 200) reject(new Error(`${path} was answered with ${status}`))
        else resolve({ ms: performance.now() - sent, firstByteMs, bytes })
      })
    })
  return {
    open,
    get: (path, headers = {}) => receive(path, headers, () => undefined),
    async getJson(path) {
      const chunks: Buffer[] = []
      await receive(path, {}, (chunk) => void chunks.push(chunk))
      return JSON.parse(Buffer.concat(chunks).toString())
    },
    close: () => session.close(),
  }
}
