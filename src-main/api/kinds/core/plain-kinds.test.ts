/** What is said of kinds that hold data, addresses, storage and rights: `[change, causes]` for each. */
import { describe, expect, it } from 'vitest'
import { created, creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { Kind } from '../../define-kind.ts'
import { endpointSlice } from '../discovery/endpoint-slice.ts'
import { groupedEvent } from '../events/event.ts'
import { clusterRole } from '../rbac/cluster-role.ts'
import { priorityClass } from '../scheduling/priority-class.ts'
import { storageClass } from '../storage/storage-class.ts'
import { event } from './event.ts'
import { persistentVolumeClaim } from './persistent-volume-claim.ts'
import { persistentVolume } from './persistent-volume.ts'
import { service } from './service.ts'

const metadata = { name: 'a', namespace: 'here' }
const bases = {
  EndpointSlice: [
    endpointSlice,
    { metadata, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] },
  ],
  Event: [event, { metadata, involvedObject: { namespace: 'here' } }],
  'events.k8s.io Event': [
    groupedEvent,
    {
      metadata,
      regarding: { namespace: 'here' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'example.com/robot',
      reportingInstance: 'robot-1',
      action: 'Look',
      reason: 'Looked',
      type: 'Normal',
    },
  ],
  PersistentVolume: [
    persistentVolume,
    { metadata, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' } } },
  ],
  PersistentVolumeClaim: [
    persistentVolumeClaim,
    { metadata, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  ],
  Service: [service, { metadata, spec: { ports: [{ port: 80 }] } }],
  StorageClass: [storageClass, { metadata, provisioner: 'example.com/disk' }],
  PriorityClass: [priorityClass, { metadata, value: 1 }],
  ClusterRole: [clusterRole, { metadata, rules: [] }],
} as const

const address = 'may not be in the loopback range (127.0.0.0/8, ::1/128)'

it.each<[keyof typeof bases, Changes, string[]]>([
  ...(Object.keys(bases) as (keyof typeof bases)[]).map((kind): [keyof typeof bases, Changes, string[]] => [
    kind,
    {},
    [],
  ]),
  [
    'EndpointSlice',
    { 'endpoints.0.addresses': ['127.0.0.1'] },
    [`endpoints[0].addresses[0]: Invalid value: "127.0.0.1": ${address}`],
  ],
  [
    'EndpointSlice',
    { 'endpoints.0.hints.forZones': [{ name: 'a' }, { name: 'a' }] },
    ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
  ],
  [
    'Event',
    { 'involvedObject.namespace': 'there' },
    ['involvedObject.namespace: Invalid value: "there": does not match event.namespace'],
  ],
  [
    'Event',
    { eventTime: '2026-01-01T00:00:00.000000Z', reportingComponent: 'a' },
    ['reportingInstance: Required value', 'action: Required value', 'reason: Required value'],
  ],
  [
    'events.k8s.io Event',
    { type: 'Odd', deprecatedCount: 1, series: { count: 1 } },
    [
      'series.count: Invalid value: "": should be at least 2',
      'series.lastObservedTime: Required value',
      'type: Invalid value: "": has invalid value: Odd',
      'count: Invalid value: "": needs to be unset',
    ],
  ],
  ['events.k8s.io Event', { eventTime: undefined }, ['eventTime: Required value']],
  [
    'PersistentVolume',
    { 'spec.capacity.storage': '0' },
    ['spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
  ],
  [
    'PersistentVolume',
    { 'spec.hostPath': undefined, 'spec.local.path': '/a' },
    ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ],
  [
    'PersistentVolume',
    { 'spec.accessModes': ['ReadWriteOnce', 'ReadWriteOncePod'], 'spec.hostPath.path': '/a/../b' },
    [
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
      'spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
    ],
  ],
  [
    'PersistentVolumeClaim',
    { 'spec.resources.requests.storage': '0', 'spec.dataSourceRef': { kind: 'Snapshot', name: 'a' } },
    [
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
      `spec.dataSource: Invalid value: "Snapshot": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
      `spec.dataSourceRef: Invalid value: "Snapshot": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
    ],
  ],
  [
    'Service',
    { 'spec.externalIPs': ['0.0.0.0'], 'spec.ports.0.appProtocol': 'a b' },
    [
      `spec.ports[0].appProtocol: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      'spec.externalIPs[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
    ],
  ],
  [
    'StorageClass',
    { 'parameters.[]': 'x', allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: [] }] }] },
    [
      'parameters: Invalid value: "": field can not be empty.',
      'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
    ],
  ],
  [
    'PriorityClass',
    { 'metadata.name': 'system-mine' },
    [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
  ],
  [
    'PriorityClass',
    { value: 1_000_000_001 },
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  [
    'ClusterRole',
    { aggregationRule: {} },
    [
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ],
  ],
])('%s with %j', (name, changes, causes) => {
  const [kind, base] = bases[name]
  expect(creationCauses(kind as unknown as Kind, base as never, changes)).toEqual(causes)
})

describe('changes', () => {
  it('of a grouped event may say how often it came, and nothing else', () => {
    const [, base] = bases['events.k8s.io Event']
    const series = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' }
    const changed = (changes: Changes): string[] => updateCauses(groupedEvent, base as never, changes)
    expect(changed({ series })).toEqual([])
    expect(changed({ reason: 'Other' })).toEqual(['reason: Invalid value: "Other": field is immutable'])
  })

  it('of the size of a claim wait for its volume', () => {
    const [, base] = bases.PersistentVolumeClaim
    const [cause] = updateCauses(persistentVolumeClaim, base as never, { 'spec.resources.requests.storage': '2Gi' })
    expect(cause).toMatch(/^spec: Forbidden: spec is immutable after creation except resources.requests/)
  })
})

it('a service with addresses outside takes their traffic to all nodes unless told otherwise', () => {
  const spec = { ports: [{ port: 80 }], externalIPs: ['192.0.2.1'] }
  expect(created(service, { metadata, spec }).spec?.externalTrafficPolicy).toBe('Cluster')
})
