import { describe, expect, it } from 'vitest'
import { defineKind } from '../api/define-kind.ts'
import { pod } from '../api/kinds/core/pod.ts'
import { deployment } from '../api/kinds/apps/deployment.ts'
import { node } from '../api/kinds/core/node.ts'
import type { ApiRequest, RawWatchEvent, Transport } from './client.ts'
import { pathOf } from './paths.ts'
import { createClient } from './resource-client.ts'

function recorder(
  answer: unknown = {},
  events: RawWatchEvent[] = [],
): { requests: ApiRequest[]; transport: Transport } {
  const requests: ApiRequest[] = []
  return {
    requests,
    transport: {
      async request(request) {
        requests.push(request)
        return answer
      },
      async *watch(request) {
        requests.push(request)
        yield* events
      },
    },
  }
}

describe('paths', () => {
  it.each([
    [pathOf(pod, {}), '/api/v1/pods'],
    [pathOf(pod, { namespace: 'default' }), '/api/v1/namespaces/default/pods'],
    [
      pathOf(pod, { namespace: 'default', name: 'web', subresource: 'status' }),
      '/api/v1/namespaces/default/pods/web/status',
    ],
    [pathOf(deployment, { namespace: 'a', name: 'b' }), '/apis/apps/v1/namespaces/a/deployments/b'],
    [pathOf(node, { namespace: 'ignored', name: 'one' }), '/api/v1/nodes/one'],
    [pathOf(node, { name: '../../x?y#z' }), '/api/v1/nodes/..%2F..%2Fx%3Fy%23z'],
    [pathOf(node, { name: '..' }), '/api/v1/nodes/%2E%2E'],
  ])('%s', (path, expected) => expect(path).toBe(expected))

  it('refuses a namespaced object without a namespace, and an empty name', () => {
    expect(() => pathOf(pod, { name: 'web' })).toThrow(/namespace is needed/)
    expect(() => pathOf(pod, { namespace: 'default', name: '' })).toThrow(/name is needed/)
  })
})

describe('the client', () => {
  const web = { metadata: { name: 'web', namespace: 'default' }, spec: { containers: [] } }

  it('creates in the namespace of the object, and fills in its type', async () => {
    const { requests, transport } = recorder()
    await createClient(transport).create(pod, web, {
      fieldManager: 'me',
      dryRun: true,
      cause: { key: 'k', revision: 3 },
    })
    expect(requests).toEqual([
      {
        method: 'POST',
        path: '/api/v1/namespaces/default/pods',
        query: { fieldManager: 'me', dryRun: 'All' },
        body: { ...web, apiVersion: 'v1', kind: 'Pod' },
        cause: { key: 'k', revision: 3 },
      },
    ])
  })

  it('rejects a namespaced object without a namespace instead of guessing one', async () => {
    const { requests, transport } = recorder()
    const attempt = createClient(transport).create(pod, { ...web, metadata: { name: 'web' } })
    await expect(attempt).rejects.toMatchObject({ code: 400 })
    expect(requests).toEqual([])
  })

  it('updates a subresource at its own path', async () => {
    const { requests, transport } = recorder()
    await createClient(transport).update(pod, web, { subresource: 'status' })
    expect(requests[0]).toMatchObject({ method: 'PUT', path: '/api/v1/namespaces/default/pods/web/status' })
  })

  it.each([
    [
      { type: 'json', operations: [{ op: 'remove', path: '/x' }] },
      'application/json-patch+json',
      [{ op: 'remove', path: '/x' }],
    ],
    [{ type: 'merge', patch: { a: 1 } }, 'application/merge-patch+json', { a: 1 }],
    [{ type: 'strategic', patch: { a: 1 } }, 'application/strategic-merge-patch+json', { a: 1 }],
  ] as const)('names the patch by its content type: %j', async (patch, contentType, body) => {
    const { requests, transport } = recorder()
    await createClient(transport).patch(pod, { name: 'web', namespace: 'default' }, patch)
    expect(requests).toEqual([{ method: 'PATCH', path: '/api/v1/namespaces/default/pods/web', contentType, body }])
  })

  it('applies with a field manager', async () => {
    const { requests, transport } = recorder()
    await createClient(transport).apply(pod, web, { fieldManager: 'me', force: true })
    expect(requests[0]).toMatchObject({
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: 'me', force: 'true' },
    })
  })

  it('sends delete options in the body', async () => {
    const { requests, transport } = recorder()
    await createClient(transport).delete(
      pod,
      { name: 'web', namespace: 'default' },
      {
        gracePeriodSeconds: 0,
        propagationPolicy: 'Background',
        preconditions: { uid: 'u' },
      },
    )
    expect(requests[0]).toMatchObject({
      method: 'DELETE',
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        gracePeriodSeconds: 0,
        propagationPolicy: 'Background',
        preconditions: { uid: 'u' },
      },
    })
  })

  it('posts an object of another kind to a subresource', async () => {
    const { requests, transport } = recorder()
    await createClient(transport).post(pod, { name: 'web', namespace: 'default' }, 'binding', { target: { name: 'n' } })
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/default/pods/web/binding',
      body: { target: { name: 'n' } },
    })
  })

  it('lists with selectors and pages, and gives items the type that lists leave out', async () => {
    const { requests, transport } = recorder({ metadata: { resourceVersion: '7', continue: 'more' }, items: [web] })
    const list = await createClient(transport).list(pod, { namespace: 'default', labelSelector: 'a=b', limit: 1 })
    expect(requests).toEqual([
      { method: 'GET', path: '/api/v1/namespaces/default/pods', query: { labelSelector: 'a=b', limit: '1' } },
    ])
    expect(list).toMatchObject({ resourceVersion: '7', continue: 'more', items: [{ kind: 'Pod', apiVersion: 'v1' }] })
  })

  it('takes an empty continue for the end, and a null list for an empty one', async () => {
    const { transport } = recorder({ metadata: { resourceVersion: '7', continue: '' }, items: null })
    expect(await createClient(transport).list(pod)).toEqual({ items: [], resourceVersion: '7', continue: undefined })
  })

  it('watches with bookmarks', async () => {
    const { requests, transport } = recorder({}, [
      { type: 'ADDED', object: web },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } },
    ])
    const { signal } = new AbortController()
    const events = []
    for await (const event of createClient(transport).watch(pod, { resourceVersion: '5', signal })) events.push(event)
    expect(requests[0]?.query).toEqual({ resourceVersion: '5', watch: 'true', allowWatchBookmarks: 'true' })
    expect(events).toEqual([
      { type: 'ADDED', object: web },
      { type: 'BOOKMARK', resourceVersion: '9' },
    ])
  })

  it('addresses kinds that are defined at run time', async () => {
    const widget = defineKind({ group: 'x.dev', version: 'v1', kind: 'Widget', plural: 'widgets', scope: 'Cluster' })
    const { requests, transport } = recorder()
    await createClient(transport).get(widget, { name: 'one' })
    expect(requests[0]).toEqual({ method: 'GET', path: '/apis/x.dev/v1/widgets/one' })
  })
})
