import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { etcdMissing, startEtcd } from '../support/etcd.ts'

const missing = etcdMissing()
const root = join(import.meta.dirname, '../..')
const home = mkdtempSync(join(tmpdir(), 'orrery-together-'))
afterAll(() => rmSync(home, { recursive: true }))

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[]
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[]
}

/** Resolves with the kubeconfig's path when the server answers. */
async function readyOf(child: ChildProcess): Promise<string> {
  const said: string[] = []
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface(child.stdout)) {
    said.push(line)
    const { ready, kubeconfig } = JSON.parse(line) as { ready?: boolean; kubeconfig?: string }
    if (ready === true && kubeconfig !== undefined) return kubeconfig
  }
  throw new Error(`the server ended before it was ready:\n${said.slice(-5).join('\n')}`)
}

const curl = (args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile('curl', ['-sS', ...args], (error, stdout) => (error === null ? resolve(stdout) : reject(error))),
  )

describe.skipIf(missing !== undefined)(`on an etcd${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it('servers that start at the same moment on a new data folder are one cluster with one authority', async () => {
    const etcd = await startEtcd()
    const args = ['--headless', '--idle', '--output', 'json', '--port', '0', '--ui-port', '0']
    const servers = [1, 2].map(() =>
      spawn(process.execPath, [join(root, 'src-main/serve.ts'), ...args, '--etcd-servers', etcd.endpoint], {
        env: { ...process.env, ORRERY_HOME: home },
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    )
    try {
      const files = await Promise.all(servers.map(readyOf))
      const configs = files.map((file) => parse(readFileSync(file, 'utf8')) as Kubeconfig)
      const [clusters, users] = [configs.map(({ clusters: [one] }) => one), configs.map(({ users: [one] }) => one)]
      expect(new Set(clusters.map((one) => one?.cluster['certificate-authority-data'])).size).toBe(1)
      expect(new Set(users.map((one) => one?.user['client-key-data'])).size).toBe(1)
      // Each server takes the other's administrator, and both show the same lab.
      const file = (name: string, data = ''): string => {
        const path = join(home, name)
        writeFileSync(path, Buffer.from(data, 'base64'), { mode: 0o600 })
        return path
      }
      const ca = file('ca.pem', clusters[0]?.cluster['certificate-authority-data'])
      const certificate = file('client.pem', users[0]?.user['client-certificate-data'])
      const key = file('client.key', users[0]?.user['client-key-data'])
      const asked = clusters.map((one) =>
        curl([
          '--cacert',
          ca,
          '--cert',
          certificate,
          '--key',
          key,
          `${one?.cluster['server']}/api/v1/namespaces/default`,
        ]),
      )
      const uids = (await Promise.all(asked)).map(
        (text) => (JSON.parse(text) as { metadata: { uid: string } }).metadata,
      )
      expect(uids[0]?.uid).toBeDefined()
      expect(uids[1]?.uid).toBe(uids[0]?.uid)
      expect(readdirSync(join(home, 'labs/default')).filter((name) => name.endsWith('.new'))).toEqual([])
    } finally {
      const ended = servers.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined))
      for (const child of servers) child.kill('SIGINT')
      await Promise.all(ended)
      await etcd.stop()
    }
  }, 120_000)
})
