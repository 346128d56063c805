/** HTTP over connections that somebody else opens: keeps them for the next request, as Node's own agents do. */
import { Agent, type AgentOptions } from 'node:https'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Duplex } from 'node:stream'

/** Opens the connection under TLS, or the one to speak plain HTTP over. */
export type Dial = (host: string, port: number) => Promise<Duplex>

/** A connection that nobody has used for this long is closed. */
const idleMs = 30_000
const kept: AgentOptions = { keepAlive: true, timeout: idleMs, maxFreeSockets: 16 }

type Created = (error: Error | null, stream: Duplex) => void

/**
 * An agent whose connections come from `dial`; the TLS options of each request (`ca`, `servername`, `cert`) tell which of
 * them it may share.
 */
export class DialingAgent extends Agent {
  private readonly dial: Dial

  constructor(dial: Dial, options: AgentOptions = {}) {
    super({ ...kept, ...options })
    this.dial = dial
  }

  override createConnection(options: object, done?: Created): undefined {
    const target = options as ConnectionOptions & { host?: string; port?: number | string }
    void this.open(target).then(
      (stream) => done?.(null, stream),
      (error: Error) => done?.(error, undefined as never),
    )
    return undefined
  }

  private async open(target: ConnectionOptions & { host?: string; port?: number | string }): Promise<Duplex> {
    const raw = await this.dial(target.host ?? '', Number(target.port))
    return secured(raw, target)
  }
}

/** TLS as a client on an open connection; resolves when the other side has proved who it is. */
export function secured(raw: Duplex, options: ConnectionOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const { ca, cert, key, host, servername, rejectUnauthorized } = options
    const given = Object.entries({ ca, cert, key, host, servername, rejectUnauthorized }).filter(
      ([, value]) => value !== undefined,
    )
    const secure = connectTls({
      ...(Object.fromEntries(given) as ConnectionOptions),
      socket: raw,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      // As in Kubernetes, a bundle may hold the certificate of an intermediate authority, or that of the server itself.
      allowPartialTrustChain: true,
    })
    const failed = (error: Error): void => {
      raw.destroy()
      reject(error)
    }
    const closed = (): void => failed(new Error('socket hang up'))
    secure.once('error', failed).once('close', closed)
    secure.once('secureConnect', () => {
      secure.off('error', failed).off('close', closed)
      resolve(secure)
    })
  })
}
