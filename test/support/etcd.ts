/** A real etcd of its own, as Debian packages it. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './until.ts'

export function etcdMissing(): string | undefined {
  return spawnSync('etcd', ['--version']).status === 0 ? undefined : 'etcd is not installed (Debian: etcd-server)'
}

export interface Etcd {
  readonly endpoint: string
  /** SIGKILL; what it acknowledged is on its disk. */
  kill(): Promise<void>
  /** The same data, the same address. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface EtcdTls {
  readonly caFile: string
  readonly certificateFile: string
  readonly keyFile: string
}

export async function startEtcd(tls?: EtcdTls): Promise<Etcd> {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-etcd-'))
  const [port, peerPort] = await Promise.all([freePort(), freePort()])
  const scheme = tls === undefined ? 'http' : 'https'
  const listen = `${scheme}://127.0.0.1:${port}`
  // TLS names hosts, not addresses.
  const endpoint = tls === undefined ? listen : `${scheme}://localhost:${port}`
  const peer = `http://127.0.0.1:${peerPort}`
  const secure =
    tls === undefined
      ? []
      : [
          '--client-cert-auth',
          '--trusted-ca-file',
          tls.caFile,
          '--cert-file',
          tls.certificateFile,
          '--key-file',
          tls.keyFile,
        ]
  const addresses = ['--listen-client-urls', listen, '--advertise-client-urls', endpoint]
  const peers = [
    '--listen-peer-urls',
    peer,
    '--initial-advertise-peer-urls',
    peer,
    '--initial-cluster',
    `default=${peer}`,
  ]
  const args = ['--data-dir', join(folder, 'data'), ...addresses, ...peers, ...secure, '--max-txn-ops', '2048']
  let child: ReturnType<typeof spawn> | undefined
  const start = async (): Promise<void> => {
    const started = spawn('etcd', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    let ready = false
    started.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000)
      if (/ready to serve client requests|serving (insecure )?client requests/.test(said)) ready = true
    })
    child = started
    await until(
      'etcd',
      async () => {
        if (started.exitCode !== null) throw new Error(`etcd ended with ${started.exitCode}\n${said}`)
        return ready
      },
      30_000,
      20,
    )
  }
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    ...{ endpoint, kill, start },
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
