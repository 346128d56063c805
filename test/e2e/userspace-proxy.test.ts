/** Services by way of the app: the userspace mode of the proxy, and changing modes while clients go on. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxMissing } from '../support/host-state.ts'
import { createKubectl, kubectlMissing, type Kubectl } from '../support/kubectl.ts'
import { removeLab, startOrrery, type OrreryProcess } from '../support/orrery-process.ts'
import { until } from '../support/until.ts'

const missing = sandboxMissing() ?? kubectlMissing()

const manifest = (nodes: readonly string[]): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      ...nodes.map((nodeName, index) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `web-${index}`, labels: { app: 'web' } },
        spec: { nodeName, containers: [{ name: 'web', image: 'orrery.dev/web:1' }] },
      })),
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'client' },
        spec: {
          nodeName: nodes[0],
          containers: [{ name: 'client', image: 'orrery.dev/busybox:1', command: ['sleep', '3600'] }],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'host' },
        spec: {
          nodeName: nodes[1],
          hostNetwork: true,
          containers: [{ name: 'host', image: 'orrery.dev/busybox:1', command: ['sleep', '3600'] }],
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] },
      },
    ],
  })

describe('the userspace mode of the proxy', () => {
  let home: string
  let orrery: OrreryProcess
  let kubectl: Kubectl
  let address: string
  let nodePort: string
  let nodeAddress: string

  beforeAll(async () => {
    if (missing !== undefined) return
    home = await mkdtemp(join(tmpdir(), 'orrery-userspace-'))
    orrery = startOrrery(home, ['--provider', 'sandbox', '--workers', '2', '--proxy-mode', 'userspace'])
    kubectl = createKubectl((await orrery.ready).kubeconfig)
    const nodes = (await kubectl.run(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ')
    await kubectl.run(['create', '-f', '-'], manifest(nodes))
    await kubectl.run(['wait', 'pod', '--all', '--for=condition=Ready', '--timeout=60s'])
    const [ip = '', port = ''] = (
      await kubectl.run(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP} {.spec.ports[0].nodePort}'])
    ).split(' ')
    address = ip
    nodePort = port
    nodeAddress = await kubectl.run(['get', 'pod', 'web-1', '-o', 'jsonpath={.status.hostIP}'])
  }, 150_000)

  afterAll(async () => {
    if (missing !== undefined) return
    await orrery.stop()
    removeLab(home)
    await rm(home, { recursive: true, force: true })
  })

  const story = (name: string, run: () => Promise<void>): void =>
    it(
      name,
      async ({ skip }) => {
        if (missing !== undefined) skip(missing)
        await run()
      },
      90_000,
    )

  const inPod = (pod: string, command: string): Promise<string> => kubectl.run(['exec', pod, '--', 'sh', '-c', command])
  /** Which of the web pods answer `count` requests, one a line; a request that fails is a line of its own. */
  const answers = (pod: string, host: string, count = 6): Promise<string[]> =>
    inPod(pod, `for i in $(seq ${count}); do ${request(host)}; done`).then(linesOf)
  const request = (host: string): string => `timeout 5 wget -qO- http://${host}/ || echo failed`
  const linesOf = (text: string): string[] => text.trim().split('\n')
  const inTurn = (found: readonly string[]): void => {
    const first = found[0] === 'web-0' ? 0 : 1
    expect(found).toEqual(found.map((_, index) => `web-${(index + first) % 2}`))
  }
  const setMode = (proxyMode: string): Promise<string> =>
    kubectl.run(['patch', 'lab', 'default', '--type=merge', '-p', JSON.stringify({ spec: { proxyMode } })])

  story('answers pods in turn from both workers, by address and by name', async () => {
    await until('the service answers', async () => !(await answers('client', address, 2)).includes('failed'))
    inTurn(await answers('client', address))
    inTurn(await answers('client', 'web'))
  })

  story('answers a node, and at the node port', async () => {
    await until('the service answers', async () => !(await answers('host', address, 2)).includes('failed'))
    inTurn(await answers('host', address))
    inTurn(await answers('client', `${nodeAddress}:${nodePort}`))
  })

  story('keeps a client with its endpoint when the service wants it', async () => {
    await kubectl.run(['patch', 'service', 'web', '-p', '{"spec":{"sessionAffinity":"ClientIP"}}'])
    await until('one endpoint answers all', async () => new Set(await answers('client', address)).size === 1)
    await kubectl.run(['patch', 'service', 'web', '-p', '{"spec":{"sessionAffinity":"None"}}'])
    await until('both answer again', async () => new Set(await answers('client', address)).size === 2)
  })

  story('loses no request when the lab changes its mode, there and back', async () => {
    const asking = inPod('client', `until [ -e /stop ]; do ${request(address)}; done`).then(linesOf)
    await setMode('iptables')
    await until('chance decides', async () => {
      const found = await answers('host', address, 12)
      return found.some((name, index) => name === found[index + 1])
    })
    await setMode('userspace')
    await until('they answer in turn', async () => {
      inTurn(await answers('host', address, 12))
      return true
    })
    await inPod('client', 'touch /stop')
    expect(new Set(await asking)).toEqual(new Set(['web-0', 'web-1']))
  })

  story('answers again soon after the app was killed', async () => {
    orrery.signal('SIGKILL')
    await orrery.exited
    orrery = startOrrery(home)
    kubectl = createKubectl((await orrery.ready).kubeconfig)
    await until('the service answers', async () => !(await answers('client', address)).includes('failed'))
  })
})
