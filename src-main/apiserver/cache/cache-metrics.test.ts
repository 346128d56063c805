import { describe, expect, it } from 'vitest'
import { configMap } from '../../api/kinds/core/config-map.ts'
import { startTestServer } from '../../../test/support/api-server.ts'
import { MetricRegistry } from '../metrics.ts'

describe('the metrics of the watch cache', () => {
  it('count objects, changes, events and watches by resource', async () => {
    const metrics = new MetricRegistry()
    const { send, client, server } = await startTestServer({ metrics })
    const gone = new AbortController()
    await send('GET', '/api/v1/configmaps?watch=1', { signal: gone.signal })
    for (const name of ['a', 'b']) await client.create(configMap, { metadata: { name, namespace: 'default' } })
    await client.delete(configMap, { namespace: 'default', name: 'a' })
    const lines = metrics.text().split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'apiserver_resource_objects{group="",resource="configmaps"} 1',
        'apiserver_storage_objects{resource="configmaps"} 1',
        'apiserver_watch_cache_events_received_total{group="",resource="configmaps"} 3',
        'apiserver_watch_cache_events_dispatched_total{group="",resource="configmaps"} 3',
        'apiserver_terminated_watchers_total{group="",resource="configmaps"} 0',
        'apiserver_registered_watchers{group="",resource="configmaps"} 1',
        '# TYPE apiserver_watch_cache_events_received_total counter',
      ]),
    )
    expect(lines.find((line) => line.startsWith('apiserver_storage_objects{resource="clusterroles.rbac'))).toBeDefined()
    gone.abort()
    await server.dispose()
  })
})
