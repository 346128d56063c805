import ssh2, { type Client } from 'ssh2'
import type { Disposable } from '../../lib/disposable.ts'
import { Emitter } from '../../lib/emitter.ts'
import { MachineError, type MachineErrorCode } from '../machine.ts'

export interface SessionTarget {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly user: string
  /** In OpenSSH's form. */
  readonly privateKey: string
  /** The only key that the worker may have, as a line of a public key file. */
  readonly hostKey: string
}

/** One connection, from its authentication to its loss. */
export interface Session {
  readonly client: Client
  /** Tells once that the connection is gone, with the error that everything on it fails with. */
  onLost(listener: (error: MachineError) => void): Disposable
  end(): void
}

const readyTimeoutMs = 10_000
const keepaliveMs = 5_000
const keepalivesMissed = 3

/** Connects and authenticates. Rejects with `HostKeyMismatch`, `AuthenticationFailed`, `Timeout` or `Unreachable`. */
export function openSession(target: SessionTarget, signal: AbortSignal): Promise<Session> {
  const { promise, resolve, reject } = Promise.withResolvers<Session>()
  const [keyType = '', keyData = ''] = target.hostKey.trim().split(/\s+/)
  const pinned = Buffer.from(keyData, 'base64')
  const lost = new Emitter<MachineError>()
  const client = new ssh2.Client()
  let mismatch = false
  let failure: MachineError | undefined

  const stop = (): void => void client.destroy()
  signal.addEventListener('abort', stop, { once: true })
  client.on('error', (error) => {
    failure ??= mismatch ? mismatchError(target) : connectionError(target, error)
    reject(failure)
  })
  client.once('close', () => {
    signal.removeEventListener('abort', stop)
    failure ??= new MachineError('Unreachable', `${target.name}: the connection was closed`)
    reject(failure)
    lost.emit(failure)
  })
  client.once('ready', () => {
    signal.removeEventListener('abort', stop)
    // Small requests wait for nothing: this makes an exec half as slow.
    client.setNoDelay(true)
    resolve({ client, onLost: (listener) => lost.on(listener), end: () => void client.end() })
  })
  try {
    client.connect({
      host: target.host,
      port: target.port,
      username: target.user,
      privateKey: target.privateKey,
      hostVerifier: (key: Buffer) => {
        mismatch = !key.equals(pinned)
        return !mismatch
      },
      algorithms: { serverHostKey: [keyType as 'ssh-ed25519'] },
      readyTimeout: readyTimeoutMs,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: keepalivesMissed,
    })
  } catch (error) {
    reject(new MachineError('Failed', `${target.name}: the connection's keys cannot be used`, error))
  }
  return promise
}

const mismatchError = ({ name, host, port }: SessionTarget): MachineError =>
  new MachineError(
    'HostKeyMismatch',
    `${name}: the machine at ${host}:${port} shows another key than the one it was made with`,
  )

function connectionError({ name, host, port }: SessionTarget, error: Error & { level?: string }): MachineError {
  const codes: Readonly<Record<string, MachineErrorCode>> = {
    'client-authentication': 'AuthenticationFailed',
    'client-timeout': 'Timeout',
  }
  const code = codes[error.level ?? ''] ?? 'Unreachable'
  return new MachineError(code, `${name}: no SSH connection to ${host}:${port}`, error)
}
