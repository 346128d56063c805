/** `npm run bench`: how fast a lab is there and how light it is. Prints the figures and writes them as JSON. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { sandboxMissing } from '../support/host-state.ts'
import { createKubectl, kubectlMissing } from '../support/kubectl.ts'
import { removeLab, startOrrery } from '../support/orrery-process.ts'
import { connectApi, serverOf, type ApiConnection } from './api-client.ts'
import { createsMissing, measureCreates, prepareCreates } from './creates.ts'
import { cpuPercent, residentMiB } from './process-figures.ts'

const figures: Record<string, unknown> = {
  machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  node: process.version,
}
const note = (name: string, value: unknown): void => {
  figures[name] = value
  console.log(`${name.padEnd(40)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
}
const since = (start: number): number => Math.round(performance.now() - start)

async function controlPlane(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'orrery-bench-'))
  const start = performance.now()
  const orrery = startOrrery(home, ['--idle', '--provider', 'simulated'])
  const { kubeconfig } = await orrery.ready
  note('start to API ready, new lab (ms)', since(start))
  const api = connectApi(kubeconfig)
  note('idle memory, no lab (MiB)', residentMiB(orrery.pid))
  note('idle CPU, no lab (% of a core)', await cpuPercent(orrery.pid, 10_000))
  const missing = createsMissing()
  if (missing === undefined) {
    const target = await prepareCreates(api, serverOf(kubeconfig))
    for (const [clients, objects] of [
      [1, 2500],
      [10, 10_000],
      [50, 20_000],
      [1000, 20_000],
    ] as const)
      note(
        `creates, ${clients} ${clients === 1 ? 'client' : 'clients'}`,
        await measureCreates(target, clients, objects),
      )
  } else note('creates', `not measured: ${missing}`)
  api.close()
  await orrery.stop()
  const again = performance.now()
  const second = startOrrery(home, ['--idle'])
  await second.ready
  note('start to API ready, after those creates (ms)', since(again))
  await second.stop()
  rmSync(home, { recursive: true })
}

const pod = (name: string, labels: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { containers: [{ name: 'web', image: 'orrery.dev/web:1' }], terminationGracePeriodSeconds: 0 },
})

async function runPod(api: ApiConnection, name: string): Promise<number> {
  const start = performance.now()
  await api.send('POST', '/api/v1/namespaces/default/pods', pod(name, { app: name }))
  await api.watchUntil(
    `/api/v1/namespaces/default/pods?watch=1&fieldSelector=metadata.name%3D${name}`,
    ({ object }) => {
      const { status } = object as { status?: { phase?: string } }
      return status?.phase === 'Running'
    },
  )
  return since(start)
}

async function lab(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'orrery-bench-'))
  const start = performance.now()
  const orrery = startOrrery(home, ['--provider', 'sandbox', '--workers', '2'])
  try {
    const { kubeconfig } = await orrery.ready
    note('start to two workers Ready (ms)', since(start))
    const api = connectApi(kubeconfig)
    const first = await runPod(api, 'first')
    note('first pod created to Running (ms)', first)
    note('start to first pod Running (ms)', since(start))
    note('second pod created to Running (ms)', await runPod(api, 'second'))
    note('service change to answered (ms)', await serviceAnswer(kubeconfig, api))
    note('memory with two workers and two pods (MiB)', residentMiB(orrery.pid))
    note('idle CPU with two workers and two pods (% of a core)', await cpuPercent(orrery.pid, 20_000))
    api.close()
  } finally {
    await orrery.stop()
    removeLab(home)
    rmSync(home, { recursive: true, force: true })
  }
}

const service = (app: string): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'second' },
  spec: { clusterIP: '10.96.77.77', clusterIPs: ['10.96.77.77'], selector: { app }, ports: [{ port: 80 }] },
})

/** A pod asks a service without endpoints in a loop, which is refused at once; the figure is from the change of its selector to the first answer. */
async function serviceAnswer(kubeconfig: string, api: ApiConnection): Promise<number> {
  const path = '/api/v1/namespaces/default/services'
  await api.send('POST', path, service('nobody'))
  const loop = 'until timeout 1 wget -qO- http://10.96.77.77/ 2>/dev/null; do echo refused; done; echo answered'
  const asking = createKubectl(kubeconfig).follow(['exec', 'first', '--', 'sh', '-c', loop])
  await asking.line(/refused/)
  const start = performance.now()
  await api.send('PUT', `${path}/second`, service('second'))
  await asking.line(/answered/)
  const elapsed = since(start)
  asking.stop()
  return elapsed
}

await controlPlane()
const missing = sandboxMissing() ?? kubectlMissing()
if (missing === undefined) await lab()
else note('lab', `not measured: ${missing}`)
const folder = join(import.meta.dirname, 'results')
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'lab.json'), `${JSON.stringify(figures, undefined, 2)}\n`)
