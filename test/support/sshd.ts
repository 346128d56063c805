/** A real sshd on the loopback with its own keys, behind a relay whose connections a test can cut. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '../../src-main/machines/ssh/keys.ts'

export const sshdPath = '/usr/sbin/sshd'

/** Why no sshd can run here; undefined when one can. */
export function whyNoSshd(): string | undefined {
  if (!existsSync(sshdPath)) return 'the Debian package openssh-server is not installed'
  if (process.getuid?.() !== 0) return 'only root may start an sshd'
  return undefined
}

export interface TestSshd {
  readonly port: number
  readonly user: string
  readonly folder: string
  readonly privateKey: string
  readonly hostKey: string
  /** Ends every connection at once, as a pulled cable does, and refuses new ones until `mend`. */
  cut(): void
  mend(): void
  stop(): Promise<void>
}

export async function startSshd(): Promise<TestSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'orrery-sshd-'))
  const [host, user] = [generateKeyPair('host'), generateKeyPair('user')]
  await writeFile(join(folder, 'host'), host.privateKey, { mode: 0o600 })
  await writeFile(join(folder, 'authorized_keys'), `${user.publicKey}\n`)
  await mkdir('/run/sshd', { recursive: true })
  const inner = await freePort()
  await writeFile(join(folder, 'sshd_config'), configText(folder, inner))
  const sshd = spawn(sshdPath, ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' })
  await untilListening(inner)

  const sockets = new Set<net.Socket>()
  let isCut = false
  const relay = net.createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = net.connect(inner, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  })
  await once(relay.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (relay.address() as net.AddressInfo).port,
    user: userInfo().username,
    folder,
    privateKey: user.privateKey,
    hostKey: host.publicKey,
    cut() {
      isCut = true
      for (const socket of sockets) socket.resetAndDestroy()
    },
    mend: () => void (isCut = false),
    async stop() {
      relay.close()
      for (const socket of sockets) socket.destroy()
      if (sshd.kill()) await once(sshd, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}

/** SHLVL keeps bash from reading the .bashrc of whoever runs the tests: it may do anything, and takes its time. */
const configText = (folder: string, port: number): string => `
ListenAddress 127.0.0.1:${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/authorized_keys
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin prohibit-password
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
PidFile none
SetEnv SHLVL=1
`

async function freePort(): Promise<number> {
  const server = net.createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = net.connect(port, '127.0.0.1')
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('sshd does not listen')
}
