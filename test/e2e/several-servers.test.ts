/** Two servers of one lab on a real etcd, with TLS between them and it; one is killed, and the other goes on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPki } from '../../src-main/lab/pki.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { EtcdClient } from '../../src-main/store/etcd/etcd-client.ts'
import { etcdMissing, startEtcd, type Etcd } from '../support/etcd.ts'
import { createKubectl, kubectlMissing, type Kubectl } from '../support/kubectl.ts'
import { removeLab, startOrrery, type OrreryProcess } from '../support/orrery-process.ts'
import { until } from '../support/until.ts'

const missing = etcdMissing() ?? kubectlMissing()

describe.skipIf(missing !== undefined)(
  `several servers${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'orrery-several-'))
    const home = join(folder, 'home')
    let tls: Awaited<ReturnType<typeof certificates>>
    let etcd: Etcd
    const servers: { readonly process: OrreryProcess; readonly kubectl: Kubectl }[] = []

    /** The lab's own way to make certificates serves for etcd's as well. */
    async function certificates() {
      const { ca, server, admin } = await openPki({
        ...{ folder: join(folder, 'pki'), lab: 'etcd', clock: systemClock, random: systemRandom, log: silentLog },
        serviceAddress: '127.0.0.1',
      })
      const write = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text, { mode: 0o600 })
        return join(folder, name)
      }
      return {
        caFile: write('ca.pem', ca),
        certificateFile: write('etcd.pem', server.certificate),
        keyFile: write('etcd-key.pem', server.key),
        client: {
          certificateFile: write('client.pem', admin.certificate),
          keyFile: write('client-key.pem', admin.key),
        },
      }
    }

    async function startServer(): Promise<void> {
      const { certificateFile, keyFile } = tls.client
      const secured = ['--etcd-cafile', tls.caFile, '--etcd-certfile', certificateFile, '--etcd-keyfile', keyFile]
      const args = ['--provider', 'simulated', '--workers', '2', '--etcd-servers', etcd.endpoint, ...secured]
      const process = startOrrery(home, args)
      servers.push({ process, kubectl: createKubectl((await process.ready).kubeconfig) })
    }

    const at = (place: number): Kubectl => {
      const server = servers[place]
      if (server === undefined) throw new Error(`there is no server ${place}`)
      return server.kubectl
    }
    const available = async (kubectl: Kubectl): Promise<string> =>
      kubectl.run(['get', 'deployment', 'web', '-o', 'jsonpath={.status.availableReplicas}'])

    beforeAll(async () => {
      tls = await certificates()
      etcd = await startEtcd(tls)
      await startServer()
      await startServer()
    })
    afterAll(async () => {
      await Promise.all(servers.map(({ process }) => process.stop()))
      await etcd.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    it('show each other every write at once, and have one leader for each job', async () => {
      await at(0).run(['create', 'deployment', 'web', '--image=orrery.dev/web:1', '--replicas=3'])
      expect(await at(1).run(['get', 'deployment', 'web', '-o', 'name'])).toContain('deployment.apps/web')
      for (let round = 0; round < 5; round++) {
        await at(round % 2).run(['label', 'deployment', 'web', `round=${round}`, '--overwrite'])
        const seen = await at((round + 1) % 2).run([
          'get',
          'deployment',
          'web',
          '-o',
          'jsonpath={.metadata.labels.round}',
        ])
        expect(seen).toBe(String(round))
      }
      await until('three pods', async () => (await available(at(1))) === '3')
      const holders = await at(1).run([
        'get',
        'leases',
        '-n',
        'kube-system',
        '-o',
        'jsonpath={.items[*].spec.holderIdentity}',
      ])
      expect(new Set(holders.split(' ')).size).toBe(1)
    })

    it('tell at any of them what only the one knows that drives the workers, or schedules', async () => {
      const logs = await Promise.all([0, 1].map((place) => at(place).run(['logs', 'deployment/web'])))
      expect(logs[0]).toContain('simulated')
      expect(logs[1]).toBe(logs[0])
      const refused = await Promise.all([0, 1].map((place) => at(place).try(['exec', 'deployment/web', '--', 'true'])))
      expect(refused[0]?.stderr).toContain('simulated')
      expect(refused[1]?.stderr).toBe(refused[0]?.stderr)
      const decisions = await Promise.all([0, 1].map((place) => at(place).run(['get', 'decisions', '-o', 'name'])))
      expect(decisions[0]?.trim().split('\n')).toHaveLength(3)
      expect(decisions[1]).toBe(decisions[0])
    })

    it('go on when the leader is killed: another one schedules, controls and drives the workers', async () => {
      const [first] = servers.splice(0, 1)
      first?.process.signal('SIGKILL')
      await first?.process.exited
      await at(0).run(['scale', 'deployment', 'web', '--replicas=6'])
      await until('six pods', async () => (await available(at(0))) === '6', 90_000)
      expect(await at(0).run(['logs', 'deployment/web'])).toContain('simulated')
    })

    it('leave nothing in etcd when the lab is removed', async () => {
      removeLab(home)
      const client = new EtcdClient({ endpoints: [etcd.endpoint], caFile: tls.caFile, ...tls.client }, systemClock)
      const { kvs } = await client.range({ key: Buffer.from('/'), range_end: Buffer.from('0') })
      expect(kvs).toEqual([])
      client.close()
    })
  },
)
