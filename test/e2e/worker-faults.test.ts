/** Faults of workers and of the app, in one lab of two sandbox workers: told where the user looks, healed, nothing lost. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxMissing } from '../support/host-state.ts'
import { createKubectl, kubectlMissing, type Kubectl } from '../support/kubectl.ts'
import { hostLinkOf, kill, labIdOf, remainsOf, workerProcesses } from '../support/lab-host.ts'
import { removeLab, startOrrery, type OrreryProcess } from '../support/orrery-process.ts'
import { until } from '../support/until.ts'

const missing = sandboxMissing() ?? kubectlMissing()
const workers = ['worker-1', 'worker-2']

interface PodList {
  items: {
    metadata: { name: string; uid: string; deletionTimestamp?: string }
    spec: { nodeName?: string }
    status: { containerStatuses?: { containerID: string; restartCount: number; ready: boolean }[] }
  }[]
}

describe('a lab with faults', () => {
  let home: string
  let labId: string
  let orrery: OrreryProcess
  let kubectl: Kubectl

  beforeAll(async () => {
    if (missing !== undefined) return
    home = await mkdtemp(join(tmpdir(), 'orrery-faults-'))
    orrery = startOrrery(home, ['--provider', 'sandbox', '--workers', '2'])
  })

  afterAll(async () => {
    if (missing !== undefined) return
    await orrery.stop()
    removeLab(home)
    await rm(home, { recursive: true, force: true })
  })

  const story = (name: string, run: () => Promise<void>): void =>
    it(name, async ({ skip }) => {
      if (missing !== undefined) skip(missing)
      await run()
    })

  const startAgain = async (): Promise<void> => {
    await orrery.exited
    orrery = startOrrery(home)
    kubectl = createKubectl((await orrery.ready).kubeconfig)
  }
  const readyPods = (selector: string, count: number): Promise<PodList['items']> =>
    until(`${count} ready pods of ${selector}`, async () => {
      const { items } = JSON.parse(await kubectl.run(['get', 'pods', '-l', selector, '-o', 'json'])) as PodList
      const ready = items.filter((pod) => pod.status.containerStatuses?.every((container) => container.ready))
      return ready.length === count && items.length === count ? ready : undefined
    })
  const identities = (pods: PodList['items']): string[] =>
    pods
      .map(({ metadata, status }) => {
        const [container] = status.containerStatuses ?? []
        return `${metadata.uid} ${container?.containerID} ${container?.restartCount}`
      })
      .sort()
  const phaseOf = (worker: string): Promise<string> =>
    kubectl.run(['get', 'machine', worker, '-o', 'jsonpath={.status.phase}'])
  const machineIs = (worker: string, phase: string): Promise<unknown> =>
    until(`${worker} to be ${phase}`, async () => {
      const status = await kubectl.run(['get', 'machine', worker, '-o', 'jsonpath={.status}'])
      if ((JSON.parse(status) as { phase: string }).phase !== phase) throw new Error(status)
      return true
    })
  const readinessOf = (worker: string): Promise<string> =>
    kubectl.run(['get', 'node', worker, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'])
  const everyWorker = (look: (worker: string) => Promise<string>, wanted: string, limitMs?: number): Promise<true> =>
    until(
      `${wanted} of every worker`,
      async () => (await Promise.all(workers.map(look))).every((found) => found === wanted) || undefined,
      limitMs,
    )

  story('comes up after it was killed while workers boot and while images are loaded', async () => {
    for (const step of ['Boot', 'Load images']) {
      await orrery.line((line) => line['step'] === step)
      orrery.signal('SIGKILL')
      await orrery.exited
      orrery = startOrrery(home)
    }
    kubectl = createKubectl((await orrery.ready).kubeconfig)
    labId = labIdOf(home)
    await everyWorker(phaseOf, 'Ready')
    await everyWorker(readinessOf, 'True')
  })

  story('runs every pod once when SSH drops while pods start', async () => {
    await kubectl.run(['create', 'deployment', 'web', '--image=orrery.dev/web:1', '--replicas=6'])
    await kubectl.run(['expose', 'deployment', 'web', '--port=80'])
    const sessions = (worker: string) =>
      workerProcesses(labId, worker).filter(({ command }) => command.startsWith('sshd: root'))
    for (let round = 0; round < 3; round++) {
      for (const worker of workers) kill(await until('a session', async () => sessions(worker)))
    }
    const pods = await readyPods('app=web', 6)
    expect(pods.map(({ status }) => status.containerStatuses?.[0]?.restartCount)).toEqual(Array(6).fill(0))
    const pauses = workers.flatMap((worker) =>
      workerProcesses(labId, worker).filter(({ command }) => command === '/pause'),
    )
    expect(pauses).toHaveLength(6)
  })

  story('goes on with the same containers when Docker was killed', async () => {
    const before = identities(await readyPods('app=web', 6))
    kill(workerProcesses(labId, 'worker-1').filter(({ command }) => command.startsWith('dockerd ')))
    await kubectl.run(['scale', 'deployment', 'web', '--replicas=8'])
    const after = identities(await readyPods('app=web', 8))
    expect(after.filter((one) => before.includes(one))).toEqual(before)
  })

  story('starts a worker again that died, with its pods, and tells of it everywhere', async () => {
    const before = await readyPods('app=web', 8)
    // Its first process takes all others with it at once. Killed one by one, a container may go before its Docker does,
    // and be restarted once more.
    const isInit = ({ command }: { command: string }): boolean => command.includes('sandbox-init.sh')
    kill(workerProcesses(labId, 'worker-1').filter(isInit))
    await machineIs('worker-1', 'Lost')
    await orrery.line((line) => String(line['notice']).startsWith('worker-1: The connection to the worker is lost'))
    expect(await kubectl.run(['describe', 'machine', 'worker-1'])).toMatch(/Warning +ConnectionLost/)
    await machineIs('worker-1', 'Ready')
    const after = await until('restarted pods', async () => {
      const pods = await readyPods('app=web', 8)
      const there = pods.filter(({ spec }) => spec.nodeName === 'worker-1')
      const restarts = there.map(({ status }) => status.containerStatuses?.[0]?.restartCount)
      if (!restarts.every((count) => count === 1)) throw new Error(`restarts of the pods there: ${restarts.join(', ')}`)
      return pods
    })
    expect(after.map(({ metadata }) => metadata.uid).sort()).toEqual(before.map(({ metadata }) => metadata.uid).sort())
    const elsewhere = (pods: PodList['items']): string[] =>
      identities(pods.filter(({ spec }) => spec.nodeName === 'worker-2'))
    expect(elsewhere(after)).toEqual(elsewhere(before))
    const [restarted] = after.filter(({ spec }) => spec.nodeName === 'worker-1')
    await until('the service to answer a pod of the worker', async () =>
      (
        await kubectl.run(['exec', restarted?.metadata.name ?? '', '--', 'timeout', '5', 'wget', '-qO-', 'http://web/'])
      ).includes('web-'),
    )
  })

  story('shows nodes that cannot be reached as such, and finds their containers as they were', async () => {
    const before = identities(await readyPods('app=web', 8))
    const link = hostLinkOf(labId)
    execFileSync('ip', ['link', 'set', link, 'down'])
    try {
      await everyWorker(readinessOf, 'Unknown', 100_000)
      for (const worker of workers) expect(['Lost', 'Connecting', 'Failed']).toContain(await phaseOf(worker))
      expect(await kubectl.run(['get', 'nodes'])).toMatch(/worker-1 +NotReady/)
      expect(await kubectl.run(['get', 'lab', 'default', '-o', 'jsonpath={.status.message}'])).toMatch(/worker-\d: /)
    } finally {
      execFileSync('ip', ['link', 'set', link, 'up'])
    }
    await everyWorker(readinessOf, 'True')
    expect(identities(await readyPods('app=web', 8))).toEqual(before)
  })

  story('tells why an image cannot be had, and waits longer each time', async () => {
    await kubectl.run(['run', 'nowhere', '--image=nowhere.invalid/none:9'])
    const events = await until('the back-off', async () => {
      const text = await kubectl.run(['describe', 'pod', 'nowhere'])
      return text.includes('Back-off pulling image "nowhere.invalid/none:9"') ? text : undefined
    })
    expect(events).toMatch(/Warning +Failed .*Failed to pull image "nowhere.invalid\/none:9"/)
    expect(await kubectl.run(['get', 'pod', 'nowhere', '--no-headers'])).toMatch(/ImagePullBackOff|ErrImagePull/)
    await kubectl.run(['delete', 'pod', 'nowhere', '--now'])
  })

  story('ends a rollout during which the app was killed', async () => {
    await kubectl.run(['rollout', 'restart', 'deployment', 'web'])
    await until('the first new pods', async () => {
      const text = await kubectl.run(['get', 'deployment', 'web', '-o', 'jsonpath={.status.updatedReplicas}'])
      return Number(text) > 0 && Number(text) < 8
    })
    orrery.signal('SIGKILL')
    await startAgain()
    await kubectl.run(['rollout', 'status', 'deployment/web', '--timeout=90s'])
    await readyPods('app=web', 8)
  })

  story('leaves another lab on this host alone', async () => {
    const other = await mkdtemp(join(tmpdir(), 'orrery-faults-'))
    const before = identities(await readyPods('app=web', 8))
    const second = startOrrery(other, ['--provider', 'sandbox', '--workers', '1'])
    try {
      const there = createKubectl((await second.ready).kubeconfig)
      await there.run(['run', 'web', '--image=orrery.dev/web:1'])
      await there.run(['wait', '--for=condition=Ready', 'pod/web', '--timeout=60s'])
      expect(await there.run(['exec', 'web', '--', 'hostname'])).toBe('web\n')
      expect((await there.run(['get', 'nodes', '-o', 'name'])).trim()).toBe('node/worker-1')
    } finally {
      const otherId = labIdOf(other)
      removeLab(other)
      await second.exited
      expect(remainsOf(otherId)).toEqual([])
      await rm(other, { recursive: true, force: true })
    }
    expect(identities(await readyPods('app=web', 8))).toEqual(before)
    await everyWorker(readinessOf, 'True')
  })

  story('refuses to make simulated workers of real ones', async () => {
    await orrery.stop()
    orrery = startOrrery(home, ['--provider', 'simulated'])
    expect(await orrery.exited).toBe(1)
    expect(orrery.lines.map((line) => String(line['error']))).toContainEqual(
      expect.stringContaining("this lab's workers come from the provider sandbox"),
    )
    await startAgain()
  })

  story('is removed whole, also when the removal was killed half way', async () => {
    const cli = join(import.meta.dirname, '../../out/main/cli.js')
    const down = spawn(process.execPath, [cli, 'down'], { env: { ...process.env, ORRERY_HOME: home }, stdio: 'ignore' })
    await orrery.exited
    const running = workers.flatMap((worker) => workerProcesses(labId, worker)).length
    await until(
      'the first worker to go',
      async () => workers.flatMap((worker) => workerProcesses(labId, worker)).length < running,
      10_000,
      1,
    )
    down.kill('SIGKILL')
    await once(down, 'exit')
    removeLab(home)
    expect(remainsOf(labId)).toEqual([])
  })
})
