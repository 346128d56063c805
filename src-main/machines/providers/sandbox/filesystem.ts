/** What a worker's own layer holds before its first boot. Pure but for `findSecrets`, which reads the host's /etc. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { registryProxyPort } from '../../registry-proxy.ts'
import type { KeyPair } from '../../ssh/keys.ts'

export interface EtcInput {
  readonly name: string
  readonly address: string
  readonly machineId: string
  /** The text of the host's /etc/passwd. */
  readonly passwd: string
  readonly hostKey: KeyPair
  readonly userPublicKey: string
  /** resources/node/sshd.conf and daemon.json. */
  readonly sshdSettings: string
  readonly dockerSettings: string
}

export interface EtcFile {
  readonly path: string
  readonly mode: number
  readonly content: string
}

/** The files of the worker's /etc that differ from the host's, below /etc. */
export function etcFiles(input: EtcInput): EtcFile[] {
  const { name, address, hostKey } = input
  const open = (path: string, content: string): EtcFile => ({ path, mode: 0o644, content })
  const closed = (path: string, content: string): EtcFile => ({ path, mode: 0o600, content })
  return [
    open('hostname', `${name}\n`),
    open('hosts', `127.0.0.1 localhost\n${address} ${name}\n`),
    open('machine-id', `${input.machineId}\n`),
    open('resolv.conf', '# No name servers: a sandbox worker has no way out of its lab.\n'),
    open('passwd', withPlainShell(input.passwd)),
    // No password opens the account, which is not the same as a locked one: sshd refuses those.
    closed('shadow', 'root:*:::::::\n'),
    open('orrery/daemon.json', input.dockerSettings),
    open('orrery/docker.env', dockerEnvironment),
    closed('orrery/host_key', hostKey.privateKey),
    open('orrery/host_key.pub', `${hostKey.publicKey}\n`),
    closed('orrery/authorized_keys', `${input.userPublicKey}\n`),
    closed('orrery/sshd_config', sshdConfig(input.sshdSettings)),
  ]
}

/** sshd runs every command through root's shell; a plain one starts fast and knows our quoting. */
export function withPlainShell(passwd: string): string {
  return passwd.replace(/^(root(?::[^:\n]*){5}):.*$/m, '$1:/bin/sh')
}

/** A sandbox worker's Docker reaches registries through the app. Its settings file knows proxies only since Docker 23. */
const dockerEnvironment = `export HTTPS_PROXY=http://127.0.0.1:${registryProxyPort} NO_PROXY=127.0.0.0/8\n`

export function sshdConfig(settings: string): string {
  return `Port 22
HostKey /etc/orrery/host_key
AuthorizedKeysFile /etc/orrery/authorized_keys
PidFile /run/sshd.pid
UsePAM no
${settings}`
}

/** Of one entry of the host's /etc: whether a worker must not see it. */
export function isSecret(path: string, mode: number): boolean {
  // What only root may read on the host stays on the host; its sshd and Docker settings are not meant for workers.
  return (mode & 0o004) === 0 || path === 'ssh' || path === 'docker'
}

export interface Secret {
  readonly path: string
  /** Of the folder that holds it. */
  readonly folderMode: number
}

/** What a worker must not see of the host's /etc, below /etc. Nothing is said of what lies inside a hidden folder. */
export async function findSecrets(folder = '/etc', below = ''): Promise<Secret[]> {
  const folderMode = (await stat(join(folder, below))).mode & 0o7777
  const entries = await readdir(join(folder, below), { withFileTypes: true })
  const found = await Promise.all(
    entries.map(async (entry): Promise<Secret[]> => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isSymbolicLink()) return []
      const { mode } = await stat(join(folder, path))
      if (isSecret(path, mode)) return [{ path, folderMode }]
      return entry.isDirectory() ? findSecrets(folder, path) : []
    }),
  )
  return found.flat()
}
