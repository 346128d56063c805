import { expect, it } from 'vitest'
import { createRequestMetrics, MetricRegistry } from './metrics.ts'
import type { ServerRequest } from './request.ts'

const aRequest = (path: string, query = ''): ServerRequest => ({
  method: 'GET',
  path,
  query: new URLSearchParams(query),
  headers: {},
  body: { type: 'none' },
  peer: undefined,
  signal: new AbortController().signal,
})

it('requests are counted by what they are about, never by names', () => {
  const registry = new MetricRegistry()
  const metrics = createRequestMetrics(registry)
  metrics.answered(aRequest('/api/v1/namespaces/default/pods/a'), 200, 2)
  metrics.answered(aRequest('/api/v1/namespaces/other/pods/b'), 200, 2)
  metrics.longRunning(aRequest('/api/v1/pods', 'watch=1'), 1)
  const text = registry.text()
  expect(text).toContain(
    'apiserver_request_total{verb="GET",group="",version="v1",resource="pods",subresource="",scope="resource",component="apiserver",code="200"} 2',
  )
  expect(text).toContain(
    'apiserver_longrunning_requests{verb="WATCH",group="",version="v1",resource="pods",subresource="",scope="cluster",component="apiserver"} 1',
  )
})

it('writes are counted by their methods', () => {
  const registry = new MetricRegistry()
  createRequestMetrics(registry).answered({ ...aRequest('/api/v1/namespaces'), method: 'POST' }, 201, 2)
  expect(registry.text()).toContain('apiserver_request_total{verb="POST",group="",version="v1",resource="namespaces"')
})

it('a client that asks for anything cannot fill the memory', () => {
  const registry = new MetricRegistry()
  const metrics = createRequestMetrics(registry)
  for (let index = 0; index < 5000; index++) metrics.answered(aRequest(`/api/v1/things${index}`), 404, 1)
  expect(registry.text().split('\n').length).toBeLessThan(30_000)
  expect(registry.text()).toContain('apiserver_request_total{verb="OTHER",code="404"} 3000')
})
