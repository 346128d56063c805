/** One POST of JSON over HTTP or HTTPS, with certificates of one's own. */
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'

export interface TlsSettings {
  /** Takes whoever answers for the extender. */
  readonly insecure: boolean
  /** The name that its certificate must bear; empty: that of the address. */
  readonly serverName: string
  /** PEM. Absent: the authorities that this machine trusts. */
  readonly ca?: string
  /** PEM: shown to the extender. */
  readonly cert?: string
  readonly key?: string
}

export interface PostOptions {
  readonly tls: TlsSettings | undefined
  readonly signal: AbortSignal
  /** An answer that is longer is cut off and refused. */
  readonly limitBytes: number
}

export interface PostAnswer {
  readonly status: number
  readonly text: string
}

/** Rejects when there is no whole answer; with the signal's reason when that was why. */
export function post(address: string, body: string, { tls, signal, limitBytes }: PostOptions): Promise<PostAnswer> {
  const url = new URL(address)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const options = { method: 'POST', headers, signal, agent: false as const }
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? overHttps(url, { ...options, ...secured(tls) }) : overHttp(url, options)
    request.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error))
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= limitBytes) chunks.push(chunk)
        else request.destroy(new Error(`the answer is longer than ${limitBytes} bytes`))
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    request.end(body)
  })
}

const secured = (tls: TlsSettings | undefined): object =>
  tls === undefined
    ? {}
    : {
        rejectUnauthorized: !tls.insecure,
        ...(tls.serverName === '' ? {} : { servername: tls.serverName }),
        ...(tls.ca === undefined ? {} : { ca: tls.ca }),
        ...(tls.cert === undefined ? {} : { cert: tls.cert, key: tls.key }),
      }
