/** What the watch cache holds and passes on, under the names that Kubernetes' dashboards know. */
import type { MetricRegistry } from '../metrics.ts'
import type { CacheFigures, WatchCache } from './watch-cache.ts'

type Labels = Readonly<Record<string, string>>

export function addCacheMetrics(registry: MetricRegistry, cache: WatchCache): void {
  const add = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    read: (figures: CacheFigures) => number,
    labels: (resource: string) => Labels = groupAndResource,
  ): void =>
    registry.readings(name, help, type, () =>
      cache.figures().map((figures) => [labels(figures.resource), read(figures)] as const),
    )
  const { size, received, dispatched, terminated, watchers } = readers
  add('gauge', 'apiserver_resource_objects', 'Stored objects by resource.', size)
  add('gauge', 'apiserver_storage_objects', 'Stored objects by resource, as one label.', size, resourceDotGroup)
  add('counter', 'apiserver_watch_cache_events_received_total', 'Changes that came from the store.', received)
  add('counter', 'apiserver_watch_cache_events_dispatched_total', 'Events that were handed to watchers.', dispatched)
  add('counter', 'apiserver_terminated_watchers_total', 'Watches that ended since they fell behind.', terminated)
  add('gauge', 'apiserver_registered_watchers', 'Watches that are open now.', watchers)
  registry.gauge('apiserver_watch_cache_resource_version', 'The newest revision in the cache.', () => cache.revision)
}

const readers = {
  size: (figures: CacheFigures) => figures.size,
  received: (figures: CacheFigures) => figures.received,
  dispatched: (figures: CacheFigures) => figures.dispatched,
  terminated: (figures: CacheFigures) => figures.terminated,
  watchers: (figures: CacheFigures) => figures.watchers,
}

function split(resource: string): { readonly group: string; readonly plural: string } {
  const [group = '', plural = ''] = resource.split('/')
  return { group: group === 'core' ? '' : group, plural }
}

function groupAndResource(resource: string): Labels {
  const { group, plural } = split(resource)
  return { group, resource: plural }
}

function resourceDotGroup(resource: string): Labels {
  const { group, plural } = split(resource)
  return { resource: group === '' ? plural : `${plural}.${group}` }
}
