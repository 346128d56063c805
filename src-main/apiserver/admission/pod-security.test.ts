import { describe, expect, it } from 'vitest'
import { deployment } from '../../api/kinds/apps/deployment.ts'
import { namespace as namespaceKind } from '../../api/kinds/core/namespace.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import type { PodSpec } from '../../api/types/core-v1.ts'
import { startTestServer, type TestServer } from '../../../test/support/api-server.ts'

const label = (mode: string): string => `pod-security.kubernetes.io/${mode}`
const aPod = (name: string, spec: Partial<PodSpec> = {}) => ({
  metadata: { name, namespace: 'strict' },
  spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
})

async function withNamespace(labels: Record<string, string>): Promise<TestServer> {
  const started = await startTestServer()
  await started.client.create(namespaceKind, { metadata: { name: 'strict', labels } })
  return started
}

const post = ({ send }: TestServer, path: string, body: unknown) => send('POST', path, { body })

describe('a namespace with a level', () => {
  it('refuses pods that are beyond it', async () => {
    const { client } = await withNamespace({ [label('enforce')]: 'baseline' })
    await expect(client.create(pod, aPod('p', { hostNetwork: true }))).rejects.toMatchObject({
      code: 403,
      message: 'pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
    })
    await client.create(pod, aPod('q'))
  })

  it('holds containers that join a pod to it', async () => {
    const { client } = await withNamespace({ [label('enforce')]: 'baseline' })
    await client.create(pod, aPod('p'))
    const debug = { name: 'd', image: 'x', securityContext: { privileged: true } }
    const patch = { spec: { ephemeralContainers: [debug] } }
    const joining = client.patch(
      pod,
      { name: 'p', namespace: 'strict' },
      { type: 'strategic', patch },
      { subresource: 'ephemeralcontainers' },
    )
    await expect(joining).rejects.toMatchObject({ code: 403 })
  })

  it('warns, of pods and of workloads', async () => {
    const started = await withNamespace({ [label('warn')]: 'baseline', [label('warn-version')]: 'v1.30' })
    const spec = { containers: [{ name: 'c', image: 'x' }], hostPID: true }
    await post(started, '/api/v1/namespaces/strict/pods', { metadata: { name: 'p' }, spec })
    const metadata = { labels: { app: 'web' } }
    await post(started, '/apis/apps/v1/namespaces/strict/deployments', {
      metadata: { name: 'web' },
      spec: { selector: { matchLabels: metadata.labels }, template: { metadata, spec } },
    })
    const warning = 'would violate PodSecurity "baseline:v1.30": host namespaces (hostPID=true)'
    expect(started.warnings).toEqual([warning, warning])
    expect((await started.client.get(deployment, { name: 'web', namespace: 'strict' })).metadata.name).toBe('web')
  })

  it('tells who raises the level which pods would not come again', async () => {
    const started = await withNamespace({})
    for (const name of ['a', 'b']) await started.client.create(pod, aPod(name, { hostIPC: true }))
    await started.send('PATCH', '/api/v1/namespaces/strict', {
      body: { metadata: { labels: { [label('enforce')]: 'baseline' } } },
      contentType: 'application/merge-patch+json',
    })
    expect(started.warnings).toEqual([
      'existing pods in namespace "strict" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 1 other pod): host namespaces',
    ])
  })

  it('must name a level that there is', async () => {
    await expect(withNamespace({ [label('enforce')]: 'harsh' })).rejects.toMatchObject({
      code: 422,
      message:
        'Namespace "strict" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "harsh": must be one of privileged, baseline, restricted',
    })
  })
})
