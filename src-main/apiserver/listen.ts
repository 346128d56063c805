/** Binding a port, with errors that say what to do. */
import type { Server } from 'node:net'
import type { Disposable } from '../lib/disposable.ts'

export interface RunningServer extends Disposable {
  readonly url: string
  readonly port: number
}

export type ListenErrorCode = 'PortInUse' | 'PortForbidden' | 'AddressNotAvailable' | 'Failed'

export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code: ListenErrorCode

  constructor(code: ListenErrorCode, message: string, cause: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** Connections that may wait to be taken: a thousand clients come at once when a server is back (Node's default is 511). */
const backlog = 4096

/** Listens on `host` and `port` (0: any free one) and resolves with the port. */
export function listen(
  server: Pick<Server, 'listen' | 'once' | 'off' | 'address'>,
  host: string,
  port: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(listenError(error, host, port))
    server.once('error', onError)
    server.listen({ port, host, backlog }, () => {
      server.off('error', onError)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(
        'PortInUse',
        `port ${port} on ${host} is in use by another program: stop that program, or choose another port`,
        error,
      )
    case 'EACCES':
      return new ListenError(
        'PortForbidden',
        `port ${port} may not be opened by this user: choose one above 1023`,
        error,
      )
    case 'EADDRNOTAVAIL':
      return new ListenError('AddressNotAvailable', `this machine has no address ${host} to listen on`, error)
    default:
      return new ListenError('Failed', `cannot listen on ${host}:${port}`, error)
  }
}
