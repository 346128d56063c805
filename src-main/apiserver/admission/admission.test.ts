import { describe, expect, it } from 'vitest'
import { node } from '../../api/kinds/core/node.ts'
import { pod } from '../../api/kinds/core/pod.ts'
import type { PodSpec } from '../../api/types/core-v1.ts'
import { createClient } from '../../client/resource-client.ts'
import { startTestServer } from '../../../test/support/api-server.ts'

const aPod = (name: string, spec: Partial<PodSpec> = {}) => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
})

describe('a new pod', () => {
  it('is given a service account, a priority, and time on a node that fails', async () => {
    const { client } = await startTestServer()
    const { spec } = await client.create(pod, aPod('p'))
    expect(spec).toMatchObject({ serviceAccountName: 'default', priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
    expect(spec?.tolerations).toEqual(
      ['not-ready', 'unreachable'].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
    )
  })

  it('keeps what it says itself', async () => {
    const { client } = await startTestServer()
    const tolerations = [{ operator: 'Exists' }]
    const { spec } = await client.create(pod, aPod('p', { serviceAccountName: 'robot', tolerations }))
    expect(spec).toMatchObject({ serviceAccountName: 'robot', tolerations })
  })

  it('has the number of its priority class, or none of a class that is not there', async () => {
    const { client } = await startTestServer()
    const { spec } = await client.create(pod, aPod('p', { priorityClassName: 'system-node-critical' }))
    expect(spec?.priority).toBe(2_000_001_000)
    await expect(client.create(pod, aPod('q', { priorityClassName: 'nope' }))).rejects.toMatchObject({ code: 403 })
    await expect(client.create(pod, aPod('r', { priority: 5 }))).rejects.toMatchObject({ code: 403 })
  })
})

describe('a node', () => {
  it('writes only its own Node and the pods that are bound to it', async () => {
    const { client, server } = await startTestServer()
    const own = createClient(server.transport({ name: 'system:node:n1', groups: ['system:nodes'] }))
    await own.create(node, { metadata: { name: 'n1' } })
    await expect(own.create(node, { metadata: { name: 'n2' } })).rejects.toMatchObject({ code: 403 })
    for (const nodeName of ['n1', 'n2']) await client.create(pod, aPod(`on-${nodeName}`, { nodeName }))
    const running = { type: 'merge', patch: { status: { phase: 'Running' } } } as const
    const status = { subresource: 'status' }
    await own.patch(pod, { namespace: 'default', name: 'on-n1' }, running, status)
    await expect(own.patch(pod, { namespace: 'default', name: 'on-n2' }, running, status)).rejects.toMatchObject({
      code: 403,
    })
    await expect(own.delete(pod, { namespace: 'default', name: 'on-n2' })).rejects.toMatchObject({ code: 403 })
  })
})
