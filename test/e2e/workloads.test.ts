/** What users run beside deployments, on two sandbox workers with real containers, by an unmodified kubectl. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPki, type Pki } from '../../src-main/lab/pki.ts'
import { silentLog } from '../../src-main/lib/log.ts'
import { systemRandom } from '../../src-main/lib/random.ts'
import { systemClock } from '../../src-main/lib/system-clock.ts'
import { sandboxMissing } from '../support/host-state.ts'
import { createKubectl, kubectlMissing, type Kubectl } from '../support/kubectl.ts'
import { labIdOf } from '../support/lab-host.ts'
import { installNode, nodeForPods } from '../support/node-in-pod.ts'
import { removeLab, startOrrery, type OrreryProcess } from '../support/orrery-process.ts'
import { until } from '../support/until.ts'

const missing = sandboxMissing() ?? kubectlMissing()
const workers = ['worker-1', 'worker-2']
const fixtures = join(import.meta.dirname, '../fixtures')

describe('workloads on real workers', () => {
  let home: string
  let orrery: OrreryProcess
  let kubectl: Kubectl

  beforeAll(async () => {
    if (missing !== undefined) return
    home = await mkdtemp(join(tmpdir(), 'orrery-workloads-'))
    orrery = startOrrery(home, ['--provider', 'sandbox', '--workers', '2'])
    kubectl = createKubectl((await orrery.ready).kubeconfig)
    for (const worker of workers) installNode(labIdOf(home), worker)
    await kubectl.run(['apply', '-f', '-'], readFileSync(join(fixtures, 'workloads.yaml'), 'utf8'))
    const server = ['--from-file', join(fixtures, 'webhook-server.mjs'), '--from-file', join(fixtures, 'ask-api.mjs')]
    await kubectl.run(['create', 'configmap', 'scripts', ...server])
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

  const field = (what: readonly string[], path: string): Promise<string> =>
    kubectl.run(['get', ...what, '-o', `jsonpath=${path}`])
  const inPod = (pod: string, command: string): Promise<string> => kubectl.run(['exec', pod, '--', 'sh', '-c', command])
  const ready = (pod: string): Promise<string> =>
    kubectl.run(['wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=60s'])
  const settled = (workload: string): Promise<string> => kubectl.run(['rollout', 'status', workload, '--timeout=60s'])
  const apply = (object: object): Promise<string> => kubectl.run(['apply', '-f', '-'], JSON.stringify(object))

  story('keeps what a stateful pod wrote, on its worker, when the pod is replaced', async () => {
    await settled('statefulset/db')
    const node = await field(['pod', 'db-0'], '{.spec.nodeName}')
    await inPod('db-0', 'echo precious > /data/file')
    const before = await field(['pod', 'db-0'], '{.metadata.uid}')
    await kubectl.run(['delete', 'pod', 'db-0'])
    await until('another pod', async () => (await field(['pod', 'db-0'], '{.metadata.uid}')) !== before)
    await ready('db-0')
    expect(await inPod('db-0', 'cat /data/file')).toBe('precious\n')
    expect(await field(['pod', 'db-0'], '{.spec.nodeName}')).toBe(node)
  })

  story('finds the pods of a headless service by their names and by its port', async () => {
    await ready('db-1')
    // The pod was replaced a moment ago: its name comes back when DNS has heard of it.
    const asked = (command: string): Promise<string> => inPod('db-1', `${command} || true`)
    await until('its name', async () => (await asked('wget -qO- http://db-0.db/')) === 'db-0\n')
    const record = /service = \d+ \d+ 80 db-0\.db\.default\.svc\.cluster\.local/
    const srv = 'nslookup -type=srv _http._tcp.db.default.svc.cluster.local'
    await until('its port', async () => record.test(await asked(srv)))
  })

  story('grows a claim and removes its volume with it', async () => {
    await kubectl.run([
      ...['patch', 'pvc', 'data-db-0', '-p'],
      JSON.stringify({ spec: { resources: { requests: { storage: '128Mi' } } } }),
    ])
    await until('the growth', async () => (await field(['pvc', 'data-db-0'], '{.status.capacity.storage}')) === '128Mi')
    await kubectl.run(['delete', 'statefulset', 'db'])
    await kubectl.run(['delete', 'pvc', 'data-db-0', 'data-db-1', '--timeout=60s'])
    await until('the volumes to go', async () => (await kubectl.run(['get', 'pv', '-o', 'name'])) === '')
  })

  story('looks into a running container with one that is put beside it', async () => {
    await ready('mirror')
    // It answers once it is asked: what it said before kubectl was attached would be in its log alone.
    const command = ['sh', '-c', 'read question; cat /proc/1/root/settings/color']
    const image = ['--image=orrery.dev/busybox:1', '--target=main', '-c', 'look']
    const seen = await kubectl.run(['debug', 'mirror', '-i', ...image, '--', ...command], 'which colour\n')
    expect(seen).toContain('green')
    const path = '{.status.ephemeralContainerStatuses[0].state.terminated.exitCode}'
    await until('its end', async () => (await field(['pod', 'mirror'], path)) === '0')
    expect(await kubectl.run(['logs', 'mirror', '-c', 'look'])).toBe('green')
    expect(await field(['pod', 'mirror'], '{.status.containerStatuses[0].restartCount}')).toBe('0')
  })

  story('shows changes of a config map and of the pod itself in its volumes', async () => {
    await kubectl.run(['patch', 'configmap', 'settings', '-p', '{"data":{"color":"blue"}}'])
    await kubectl.run(['label', 'pod', 'mirror', 'mood=merry', '--overwrite'])
    await until('the colour', async () => (await inPod('mirror', 'cat /settings/color')) === 'blue')
    await until('the label', async () => (await inPod('mirror', 'cat /self/labels')).includes('mood="merry"'))
  })

  story('lets no pod write more into memory than its volume may hold', async () => {
    const written = await inPod('mirror', 'dd if=/dev/zero of=/small/x bs=1M count=8 2>/dev/null; wc -c < /small/x')
    expect(Number(written)).toBe(4 * 1024 * 1024)
  })

  story('carries much through exec in both directions', async () => {
    const text = 'orrery '.repeat(1_000_000)
    expect(await kubectl.run(['exec', '-i', 'mirror', '--', 'cat'], text)).toBe(text)
  })

  story('makes room for an urgent pod', async () => {
    await settled('deployment/filler')
    const resources = { requests: { memory: '1500Mi' } }
    await apply({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'vip' } },
      spec: { priorityClassName: 'urgent', containers: [{ name: 'web', image: 'orrery.dev/web:1', resources }] },
    })
    await ready('vip')
    const phases = await field(['pods', '-l', 'app=filler'], '{.items[*].status.phase}')
    expect(phases.split(' ').sort()).toEqual(['Pending', 'Running'])
    await kubectl.run(['delete', 'deployment/filler', 'pod/vip', '--now'])
  })

  story('answers pods of both workers by its name, as far as their roles reach', async () => {
    const asked = ['pods', 'secrets'].map((resource) => `/api/v1/namespaces/default/${resource}`)
    const { mounts, volumes, program } = nodeForPods
    for (const nodeName of workers) {
      await apply({
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: `ask-${nodeName}` } },
        spec: {
          ...{ nodeName, serviceAccountName: 'reader', restartPolicy: 'Never' },
          containers: [
            {
              ...{ name: 'ask', image: 'orrery.dev/busybox:1', command: [program, '/scripts/ask-api.mjs', ...asked] },
              volumeMounts: [...mounts, { name: 'scripts', mountPath: '/scripts' }],
            },
          ],
          volumes: [...volumes, { name: 'scripts', configMap: { name: 'scripts' } }],
        },
      })
      await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/ask-${nodeName}`, '--timeout=60s'])
      expect(await kubectl.run(['logs', `ask-${nodeName}`])).toBe('200\n403\n')
    }
  })

  story('asks a webhook that a pod serves', async () => {
    const folder = join(home, 'webhook')
    const pki = await openPki({
      ...{ folder, lab: 'webhook', clock: systemClock, random: systemRandom, log: silentLog },
      ...{ serviceAddress: '10.96.0.1', extraNames: ['hook.default.svc'] },
    })
    await serveWebhook(pki)
    await kubectl.run(['create', 'namespace', 'watched'])
    await until('the mark', async () => {
      await kubectl.try(['delete', 'configmap', 'marked', '-n', 'watched', '--ignore-not-found'])
      await kubectl.run(['create', 'configmap', 'marked', '-n', 'watched'])
      return (await field(['configmap', 'marked', '-n', 'watched'], '{.data.seen}')) === 'yes'
    })
    const refused = await kubectl.try(['create', 'configmap', 'refused', '-n', 'watched'])
    expect(refused.stderr).toContain('admission webhook "hook.orrery.dev" denied the request: its name says so')
    await kubectl.run(['delete', 'deployment', 'hook', '--cascade=foreground'])
    const unanswered = await kubectl.try(['create', 'configmap', 'other', '-n', 'watched'])
    expect(unanswered.stderr).toContain('failed calling webhook "hook.orrery.dev"')
  })

  const serveWebhook = async ({ server, ca }: Pki): Promise<void> => {
    const { mounts, volumes, program } = nodeForPods
    const labels = { app: 'hook' }
    const data = { 'tls.key': server.key, 'tls.crt': server.certificate }
    await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hook-tls' }, stringData: data })
    const container = {
      ...{ name: 'hook', image: 'orrery.dev/busybox:1', command: [program, '/scripts/webhook-server.mjs'] },
      readinessProbe: { httpGet: { path: '/', port: 8443, scheme: 'HTTPS' }, periodSeconds: 1 },
      volumeMounts: [...mounts, { name: 'scripts', mountPath: '/scripts' }, { name: 'tls', mountPath: '/tls' }],
    }
    const own = [
      { name: 'scripts', configMap: { name: 'scripts' } },
      { name: 'tls', secret: { secretName: 'hook-tls' } },
    ]
    const template = {
      metadata: { labels },
      spec: { terminationGracePeriodSeconds: 1, containers: [container], volumes: [...volumes, ...own] },
    }
    await apply({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'hook' } },
      spec: { selector: { matchLabels: labels }, template },
    })
    await apply({
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook' } },
      spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] },
    })
    await settled('deployment/hook')
    await apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'hook' },
      webhooks: [
        {
          ...{ name: 'hook.orrery.dev', sideEffects: 'None', admissionReviewVersions: ['v1'] },
          clientConfig: {
            service: { namespace: 'default', name: 'hook' },
            caBundle: Buffer.from(ca).toString('base64'),
          },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'watched' } },
        },
      ],
    })
  }
})
