/** A TLS server with certificates of its own, for any handler, and a kubectl that talks to it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningServer } from '../../src-main/apiserver/listen.ts'
import type { Handler } from '../../src-main/apiserver/request.ts'
import { listenTls } from '../../src-main/apiserver/server.ts'
import { writeKubeconfig } from '../../src-main/lab/kubeconfig.ts'
import { openPki, type Pki } from '../../src-main/lab/pki.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { createKubectl, type Kubectl } from './kubectl.ts'

export interface TlsLab {
  readonly pki: Pki
  /** One server at a time: another one replaces the kubeconfig. */
  start(handler: Handler): Promise<RunningServer>
  /** Certificates of an authority that this lab does not know. */
  strangers(): Promise<Pki>
  kubectl(version: string): Kubectl
  dispose(): Promise<void>
}

export async function openTlsLab(): Promise<TlsLab> {
  const folder = await mkdtemp(join(tmpdir(), 'orrery-tls-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const running: RunningServer[] = []
  const pkiIn = (name: string): Promise<Pki> =>
    openPki({
      folder: join(folder, name),
      lab: 'default',
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      serviceAddress: '10.96.0.1',
    })
  const pki = await pkiIn('pki')
  return {
    pki,
    strangers: () => pkiIn('strangers'),
    async start(handler) {
      const server = await listenTls({ handler, host: '127.0.0.1', port: 0, pki, log: silentLog, clock: systemClock })
      running.push(server)
      await writeKubeconfig(kubeconfig, { lab: 'default', server: server.url, ca: pki.ca, client: pki.admin })
      return server
    },
    kubectl(version) {
      const { try: attempt, run, follow } = createKubectl(kubeconfig, version)
      // Ports are used again: what another test's server had is not to be remembered.
      const own = (args: readonly string[]): string[] => ['--cache-dir', join(folder, 'cache'), ...args]
      return {
        try: (args, stdin) => attempt(own(args), stdin),
        run: (args, stdin) => run(own(args), stdin),
        follow: (args) => follow(own(args)),
      }
    },
    async dispose() {
      await Promise.all(running.map((server) => server.dispose()))
      await rm(folder, { recursive: true })
    },
  }
}
