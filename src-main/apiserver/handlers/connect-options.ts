/** The query of a connection into a pod, as the options object that admission is shown. */
import type { DynamicObject } from '../../api/meta/object.ts'
import { isTrue } from '../filters/request-info.ts'
import type { ConnectSubresource } from './connect.ts'

const kinds = { exec: 'PodExecOptions', attach: 'PodAttachOptions', portforward: 'PodPortForwardOptions' } as const

export function connectOptions(subresource: ConnectSubresource, query: URLSearchParams): DynamicObject {
  const base = { kind: kinds[subresource], apiVersion: 'v1' }
  if (subresource === 'portforward') {
    const ports = query.getAll('ports').map(Number)
    return ports.length === 0 ? base : { ...base, ports }
  }
  const container = query.get('container') ?? ''
  const streams = ['stdin', 'stdout', 'stderr', 'tty'].filter((name) => isTrue(query.get(name)))
  return {
    ...base,
    ...Object.fromEntries(streams.map((name) => [name, true])),
    ...(container === '' ? {} : { container }),
    ...(subresource === 'exec' ? { command: query.getAll('command') } : {}),
  }
}

/** The way back: what admission has left of the options, as a query. */
export function connectQuery(options: DynamicObject): URLSearchParams {
  const { kind: _kind, apiVersion: _apiVersion, ...fields } = options
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).map((one): [string, string] => [name, String(one)]),
  )
  return new URLSearchParams(pairs)
}
