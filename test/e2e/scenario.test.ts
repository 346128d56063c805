/** The main job: a lab with two sandbox workers, used by an unmodified kubectl. The tests tell one story, in order. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostState, leftBehind, sandboxMissing, type HostState } from '../support/host-state.ts'
import { createKubectl, kubectlMissing, type Kubectl } from '../support/kubectl.ts'
import { removeLab, startOrrery, type OrreryProcess } from '../support/orrery-process.ts'
import { until } from '../support/until.ts'

const missing = sandboxMissing() ?? kubectlMissing()

interface PodList {
  items: {
    metadata: { name: string; uid: string; deletionTimestamp?: string }
    spec: { nodeName?: string }
    status: {
      phase: string
      podIP?: string
      containerStatuses?: { containerID: string; restartCount: number; ready: boolean }[]
    }
  }[]
}

describe('a lab in one click', () => {
  let home: string
  let before: HostState
  let orrery: OrreryProcess
  let kubectl: Kubectl

  beforeAll(async () => {
    if (missing !== undefined) return
    home = await mkdtemp(join(tmpdir(), 'orrery-e2e-'))
    before = hostState()
    orrery = startOrrery(home, ['--provider', 'sandbox', '--workers', '2'])
    kubectl = createKubectl((await orrery.ready).kubeconfig)
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

  const pods = async (selector: string): Promise<PodList['items']> => {
    const list = JSON.parse(await kubectl.run(['get', 'pods', '-l', selector, '-o', 'json'])) as PodList
    return list.items.filter((pod) => pod.metadata.deletionTimestamp === undefined)
  }
  const readyPods = (selector: string, count: number): Promise<PodList['items']> =>
    until(`${count} ready pods of ${selector}`, async () => {
      const found = await pods(selector)
      const ready = found.filter((pod) => pod.status.containerStatuses?.every((container) => container.ready))
      return ready.length === count && found.length === count ? ready : undefined
    })
  const inPod = (pod: string, command: string): Promise<string> => kubectl.run(['exec', pod, '--', 'sh', '-c', command])
  /** The names of the pods that answer, until both workers' pods have. */
  const answersFrom = async (pod: string, address: string, expected: ReadonlySet<string>): Promise<void> => {
    const seen = new Set<string>()
    await until(`answers of ${[...expected].join(', ')} at ${address}`, async () => {
      const answer = (await inPod(pod, `timeout 5 wget -qO- http://${address}/`)).trim()
      expect([...expected].some((name) => answer.includes(name))).toBe(true)
      for (const name of expected) if (answer.includes(name)) seen.add(name)
      return seen.size === expected.size
    })
  }

  story('shows each step of each worker with its time', async () => {
    const steps = orrery.lines.filter((line) => line['state'] === 'done' && typeof line['machine'] === 'string')
    expect(new Set(steps.map((line) => line['machine']))).toEqual(new Set(['worker-1', 'worker-2']))
    expect(steps.every((line) => typeof line['seconds'] === 'number')).toBe(true)
  })

  story('lists two Ready nodes', async () => {
    const table = await kubectl.run(['get', 'nodes', '-o', 'wide'])
    expect(table.split('\n')[0]).toMatch(/^NAME +STATUS +ROLES +AGE +VERSION +INTERNAL-IP +EXTERNAL-IP +OS-IMAGE/)
    expect(table).toMatch(/worker-1 +Ready .*v1\.36\..*docker:\/\//)
    expect(table).toMatch(/worker-2 +Ready /)
  })

  story('runs a deployment on both workers and shows it live', async () => {
    const watch = kubectl.follow(['get', 'pods', '-o', 'wide', '-w'])
    expect(await kubectl.run(['create', 'deployment', 'web', '--image=orrery.dev/web:1', '--replicas=3'])).toContain(
      'deployment.apps/web created',
    )
    await watch.line(/^web-\S+ +1\/1 +Running /)
    const running = await readyPods('app=web', 3)
    watch.stop()
    expect(new Set(running.map((pod) => pod.spec.nodeName)).size).toBe(2)
    await kubectl.run(['rollout', 'status', 'deployment/web', '--timeout=60s'])
  })

  story('reaches the service by address and by name, answered by pods on both workers', async () => {
    await kubectl.run(['expose', 'deployment', 'web', '--port=80'])
    const running = await readyPods('app=web', 3)
    const names = new Set(running.map((pod) => pod.metadata.name))
    const from = running[0]?.metadata.name ?? ''
    const address = (await kubectl.run(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'])).trim()
    await answersFrom(from, address, names)
    await answersFrom(from, 'web', names)
    await answersFrom(from, 'web.default', names)
  })

  story('follows a log', async () => {
    const [pod] = await readyPods('app=web', 3)
    const name = pod?.metadata.name ?? ''
    const log = kubectl.follow(['logs', '-f', name])
    await inPod(name, `timeout 5 wget -qO- http://${pod?.status.podIP}/marker-in-the-log || true`)
    await log.line(/marker-in-the-log/)
    log.stop()
  })

  story('passes the exit code of exec and keeps stderr apart', async () => {
    const [pod] = await readyPods('app=web', 3)
    const result = await kubectl.try([
      'exec',
      pod?.metadata.name ?? '',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 7',
    ])
    expect(result).toMatchObject({ code: 7, stdout: 'out\n' })
    expect(result.stderr).toContain('err')
  })

  story('scales, replaces a deleted pod, and describes a pod with its events', async () => {
    await kubectl.run(['scale', 'deployment', 'web', '--replicas=4'])
    const [gone] = await readyPods('app=web', 4)
    await kubectl.run(['delete', 'pod', gone?.metadata.name ?? ''])
    const left = await readyPods('app=web', 4)
    expect(left.map((pod) => pod.metadata.uid)).not.toContain(gone?.metadata.uid)
    const description = await kubectl.run(['describe', 'pod', left[0]?.metadata.name ?? ''])
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started']) expect(description).toContain(reason)
  })

  story('rolls to a new image', async () => {
    await kubectl.run(['set', 'image', 'deployment/web', 'web=orrery.dev/busybox:1'])
    await kubectl.run([
      'patch',
      'deployment',
      'web',
      '-p',
      '{"spec":{"template":{"spec":{"containers":[{"name":"web","command":["sleep","3600"]}]}}}}',
    ])
    await kubectl.run(['rollout', 'status', 'deployment/web', '--timeout=90s'])
    const images = await kubectl.run([
      'get',
      'pods',
      '-l',
      'app=web',
      '-o',
      'jsonpath={.items[*].spec.containers[*].image}',
    ])
    expect(images).toContain('orrery.dev/busybox:1')
    await kubectl.run(['rollout', 'undo', 'deployment/web', '--to-revision=1'])
    await kubectl.run(['rollout', 'status', 'deployment/web', '--timeout=90s'])
  })

  story('applies and deletes a manifest of several documents', async () => {
    const manifest = await readFile(join(import.meta.dirname, '../fixtures/two-tier.yaml'), 'utf8')
    const applied = await kubectl.run(['apply', '-f', '-'], manifest)
    expect(applied).toContain('configmap/settings created')
    expect(applied).toContain('deployment.apps/back created')
    await readyPods('app=back', 2)
    expect(await kubectl.run(['apply', '-f', '-'], manifest)).toContain('deployment.apps/back unchanged')
    await kubectl.run(['delete', '-f', '-'], manifest)
    await until('the pods of the manifest are gone', async () => (await pods('app=back')).length === 0)
  })

  story('names the field of a wrong manifest', async () => {
    const wrong = await kubectl.try(
      ['create', '-f', '-'],
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad}\nspec: {replicsa: 2, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}\n',
    )
    expect(wrong.code).not.toBe(0)
    expect(wrong.stderr).toContain('unknown field "spec.replicsa"')
    const invalid = await kubectl.try(['create', 'deployment', 'Bad_Name', '--image=x'])
    expect(invalid.stderr).toContain('metadata.name')
  })

  story('says why an image that does not exist cannot run', async () => {
    await kubectl.run(['run', 'missing', '--image=orrery.dev/nowhere:9'])
    await until('an image error', async () => {
      const status = await kubectl.run(['get', 'pod', 'missing', '--no-headers'])
      return /ErrImagePull|ImagePullBackOff/.test(status)
    })
    expect(await kubectl.run(['describe', 'pod', 'missing'])).toContain('Failed to pull image "orrery.dev/nowhere:9"')
    await kubectl.run(['delete', 'pod', 'missing', '--now'])
  })

  story('loses nothing and restarts no container when the app is killed', async () => {
    const identity = (list: PodList['items']): string[] =>
      list
        .map(
          (pod) =>
            `${pod.metadata.uid} ${pod.status.containerStatuses?.[0]?.containerID} ${pod.status.containerStatuses?.[0]?.restartCount}`,
        )
        .sort()
    const running = identity(await readyPods('app=web', 4))
    orrery.signal('SIGKILL')
    await orrery.exited
    orrery = startOrrery(home)
    kubectl = createKubectl((await orrery.ready).kubeconfig)
    expect(identity(await readyPods('app=web', 4))).toEqual(running)
    await kubectl.run(['create', 'configmap', 'after', '--from-literal=a=b'])
  })

  story('leaves pods running at Ctrl-C, and nothing behind after down', async () => {
    await orrery.stop()
    expect(hostState().processes.length).toBeGreaterThan(before.processes.length)
    removeLab(home)
    expect(leftBehind(before)).toEqual([])
  })
})
