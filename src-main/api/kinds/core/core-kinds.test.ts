import { describe, expect, it } from 'vitest'
import type { Kind } from '../../define-kind.ts'
import type { FieldError } from '../../field-error.ts'
import type { Node } from '../../types/core-v1.ts'
import type { KubernetesObject } from '../../meta/object.ts'
import { configMap } from './config-map.ts'
import { endpoints } from './endpoints.ts'
import { event } from './event.ts'
import { namespace } from './namespace.ts'
import { node } from './node.ts'
import { secret } from './secret.ts'

const now = Date.parse('2026-01-01T00:10:00Z')
const paths = (errors: FieldError[] | undefined): string[] => (errors ?? []).map(({ path }) => path)

function cellsOf<T extends KubernetesObject>(kind: Kind<T>, object: T): Record<string, unknown> {
  return Object.fromEntries((kind.columns ?? []).map((column) => [column.name, column.cell(object, now)]))
}

describe('config maps', () => {
  it('have keys that can be file names', () => {
    expect(paths(configMap.validate?.({ data: { 'a.txt': '', 'a b': '' } }))).toEqual(['data[a b]'])
  })

  it('have a key once', () => {
    expect(paths(configMap.validate?.({ data: { a: '' }, binaryData: { a: '' } }))).toEqual(['data[a]'])
  })

  it('have at most a mebibyte', () => {
    expect(configMap.validate?.({ data: { a: 'x'.repeat(1_048_576) } })).toEqual([])
    expect(configMap.validate?.({ data: { a: 'x'.repeat(1_048_577) } })).toHaveLength(1)
  })

  it('stay as they are once they are immutable', () => {
    const before = { immutable: true, data: { a: '1' } }
    expect(paths(configMap.validateUpdate?.({ data: { a: '2' } }, before))).toEqual(['immutable', 'data'])
    expect(configMap.validateUpdate?.({ ...before, metadata: { labels: { a: 'b' } } }, before)).toEqual([])
  })

  it('show how many keys they have', () => {
    expect(cellsOf(configMap, { data: { a: '' }, binaryData: { b: '' } }).Data).toBe(2)
  })
})

describe('secrets', () => {
  it('take texts in and keep them encoded', () => {
    const draft = { data: { a: 'eA==' }, stringData: { a: 'ä', b: '' } }
    secret.defaults?.(draft)
    expect(draft).toEqual({ type: 'Opaque', data: { a: 'w6Q=', b: '' } })
  })

  it('hold what their type is for', () => {
    expect(paths(secret.validateNew?.({ type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }))).toEqual([
      'data[tls.key]',
    ])
    expect(secret.validateNew?.({ type: 'example.com/any' })).toEqual([])
  })

  it('hold base64 alone', () => expect(paths(secret.validateNew?.({ data: { a: 'no!' } }))).toEqual(['data[a]']))

  it('keep their type', () => {
    expect(paths(secret.validateUpdate?.({ type: 'a' }, { type: 'b' }))).toEqual(['type'])
  })
})

describe('namespaces', () => {
  it('are labelled with their name and held by a finalizer', () => {
    const draft = { metadata: { name: 'a', labels: { x: 'y' } }, spec: { finalizers: ['example.com/mine'] } }
    namespace.defaults?.(draft)
    namespace.prepareCreate?.(draft)
    expect(draft).toEqual({
      metadata: { name: 'a', labels: { x: 'y', 'kubernetes.io/metadata.name': 'a' } },
      spec: { finalizers: ['example.com/mine', 'kubernetes'] },
      status: { phase: 'Active' },
    })
  })

  it('keep their finalizers in an update', () => {
    const draft = { metadata: { name: 'a' }, spec: {} }
    namespace.prepareUpdate?.(draft, { spec: { finalizers: ['kubernetes'] } })
    expect(draft.spec).toEqual({ finalizers: ['kubernetes'] })
  })

  it('have names without dots', () => expect(namespace.nameRule?.('a.b', false)).toHaveLength(1))
})

describe('nodes', () => {
  it.each<[Node, string]>([
    [{}, 'Unknown'],
    [{ status: { conditions: [{ type: 'Ready', status: 'True' }] } }, 'Ready'],
    [{ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }, 'NotReady'],
    [
      { spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
      'Ready,SchedulingDisabled',
    ],
  ])('%o shows as %s', (object, status) => expect(cellsOf(node, object).Status).toBe(status))

  it('show their roles and addresses', () => {
    const object = {
      metadata: { labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'a', other: 'b' } },
      status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
    }
    expect(cellsOf(node, object)).toMatchObject({
      Roles: 'a,worker',
      'Internal-IP': '10.0.0.1',
      'External-IP': '<none>',
    })
    expect(cellsOf(node, {}).Roles).toBe('<none>')
  })

  it('offer all they have unless they say otherwise', () => {
    const draft = { status: { capacity: { cpu: '2' } } }
    node.defaults?.(draft)
    expect(draft.status).toEqual({ capacity: { cpu: '2' }, allocatable: { cpu: '2' } })
  })

  it('have a taint once', () => {
    const taint = { key: 'a', effect: 'NoSchedule' }
    expect(paths(node.validate?.({ spec: { taints: [taint, { ...taint, value: 'b' }] } }))).toEqual([
      'metadata.taints[1]',
    ])
  })

  it('have ranges of addresses for pods that are ones', () => {
    const pathsOf = (spec: object) => paths(node.validate?.({ spec }))
    expect(pathsOf({ podCIDR: '10.1/x' })).toEqual(['spec.podCIDRs[0]'])
    expect(pathsOf({ podCIDRs: ['10.1.0.0/24', 'y'] })).toEqual(['spec.podCIDRs[1]'])
    expect(pathsOf({ podCIDRs: ['10.1.0.0/24', 'fd00::/64'] })).toEqual([])
    expect(pathsOf({ podCIDRs: ['10.1.0.0/24', '10.1.0.0/24'] })).toEqual(['spec.podCIDRs', 'spec.podCIDRs[1]'])
  })

  it('have amounts that are some, and each address once', () => {
    expect(paths(node.validate?.({ status: { capacity: { cpu: '-1' }, allocatable: { cpu: 'x' } } }))).toEqual([
      'status.capacity.cpu',
      'status.allocatable.cpu',
    ])
    const address = { type: 'InternalIP', address: '10.0.0.1' }
    expect(paths(node.validateUpdate?.({ status: { addresses: [address, address] } }, {}))).toEqual([
      'status.addresses[1]',
    ])
  })

  it('keep their addresses for pods once they have them', () => {
    const before = { spec: { podCIDRs: ['10.1.0.0/24'] } }
    expect(node.validateUpdate?.(before, { spec: {} })).toEqual([])
    expect(paths(node.validateUpdate?.({ spec: { podCIDRs: ['10.2.0.0/24'] } }, before))).toEqual(['spec.podCIDRs'])
  })
})

describe('events', () => {
  const anEvent = {
    metadata: { name: 'e', namespace: 'default' },
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default', fieldPath: 'spec.containers{a}' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:09:00Z',
    count: 3,
    source: { component: 'kubelet', host: 'one' },
    message: ' done\n',
  }

  it('show what happened to what, and when last', () => {
    expect(cellsOf(event, anEvent)).toMatchObject({
      'Last Seen': '60s',
      Object: 'pod/web',
      Subobject: 'spec.containers{a}',
      Source: 'kubelet, one',
      Message: 'done',
      'First Seen': '10m',
      Count: 3,
    })
  })

  it('in the new form show their own time', () => {
    const { firstTimestamp: _first, lastTimestamp: _last, count: _count, ...rest } = anEvent
    expect(cellsOf(event, { ...rest, eventTime: '2026-01-01T00:09:00.000000Z' })).toMatchObject({
      'Last Seen': '60s',
      Count: 1,
    })
  })

  it('live where their object does', () => {
    const elsewhere = { ...anEvent, metadata: { name: 'e', namespace: 'other' } }
    expect(event.validate?.(anEvent)).toEqual([])
    expect(paths(event.validate?.(elsewhere))).toEqual(['involvedObject.namespace'])
    expect(event.validate?.({ ...anEvent, involvedObject: { kind: 'Node', name: 'one' } })).toEqual([])
  })
})

describe('endpoints', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((ip) => ({ ip }))

  it('show three and count the others', () => {
    const object = { subsets: [{ addresses, ports: [{ port: 80 }] }] }
    expect(cellsOf(endpoints, object).Endpoints).toBe('10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...')
    expect(cellsOf(endpoints, {}).Endpoints).toBe('<none>')
    expect(cellsOf(endpoints, { subsets: [{ addresses: [{ ip: '::1' }], ports: [{ port: 80 }] }] }).Endpoints).toBe(
      '[::1]:80',
    )
  })
})
