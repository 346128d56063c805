/** What is said of kinds that hold data, addresses, storage and rights: `[change, causes]` for each. */
import { describe, expect, it } from 'vitest'
import { created, creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { Kind } from '../../define-kind.ts'
import { endpointSlice } from '../discovery/endpoint-slice.ts'
import { groupedEvent } from '../events/event.ts'
import { clusterRole } from '../rbac/cluster-role.ts'
import { priorityClass } from '../scheduling/priority-class.ts'
import { storageClass } from '../storage/storage-class.ts'
import { endpoints } from './endpoints.ts'
import { event } from './event.ts'
import { namespace } from './namespace.ts'
import { persistentVolumeClaim } from './persistent-volume-claim.ts'
import { persistentVolume } from './persistent-volume.ts'
import { secret } from './secret.ts'
import { service } from './service.ts'

const metadata = { name: 'a', namespace: 'here' }
const bases = {
  Secret: [secret, { metadata }],
  Endpoints: [endpoints, { metadata, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }],
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
  Namespace: [namespace, { metadata: { name: 'a' } }],
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

const namePart =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const address = 'may not be in the loopback range (127.0.0.0/8, ::1/128)'

it.each<[keyof typeof bases, Changes, string[]]>([
  ...(Object.keys(bases) as (keyof typeof bases)[]).map((kind): [keyof typeof bases, Changes, string[]] => [
    kind,
    {},
    [],
  ]),
  [
    'Secret',
    { type: 'kubernetes.io/basic-auth' },
    ['data[username]: Required value', 'data[password]: Required value'],
  ],
  [
    'Secret',
    { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': btoa('{') } },
    ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
  ],
  [
    'Secret',
    { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': btoa('{a}') } },
    [
      `data[.dockercfg]: Invalid value: "<secret contents redacted>": invalid character 'a' looking for beginning of object key string`,
    ],
  ],
  [
    'Secret',
    { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': btoa(' [1]') } },
    [
      'data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
  ],
  ['Secret', { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': btoa('null') } }, []],
  ['Secret', { type: 'kubernetes.io/dockercfg' }, ['data[.dockercfg]: Required value']],
  [
    'Secret',
    { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
    ['data[ssh-privatekey]: Required value'],
  ],
  [
    'Secret',
    { type: 'kubernetes.io/service-account-token' },
    ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
  ],
  ['Secret', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': btoa('{}') } }, []],
  [
    'Endpoints',
    { 'subsets.0.addresses.0': { ip: '127.0.0.1' } },
    [`subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": ${address}`],
  ],
  [
    'Endpoints',
    { 'subsets.0.ports': [{ port: 80 }, { port: 81, name: 'b' }] },
    ['subsets[0].ports[0].name: Required value'],
  ],
  [
    'Endpoints',
    { 'subsets.0.addresses.0': { ip: 'x', hostname: 'a.b', nodeName: 'c_d' } },
    [
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'subsets[0].addresses[0].hostname: Invalid value: "a.b": must not contain dots',
      `subsets[0].addresses[0].nodeName: Invalid value: "c_d": ${subdomain}`,
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
    ],
  ],
  [
    'Endpoints',
    { 'subsets.0.addresses': [{ ip: '0.0.0.0' }, { ip: '127.0.0.01' }, { ip: '::ffff:10.0.0.1' }] },
    [
      'subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'subsets[0].addresses[1].ip: Invalid value: "127.0.0.01": must not have leading 0s',
      `subsets[0].addresses[1].ip: Invalid value: "127.0.0.01": ${address}`,
      'subsets[0].addresses[2].ip: Invalid value: "::ffff:10.0.0.1": must not be an IPv4-mapped IPv6 address',
    ],
  ],
  [
    'Endpoints',
    { 'subsets.0.ports': [{ name: 'a', port: 0, protocol: 'ICMP', appProtocol: 'a b' }] },
    [
      'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'subsets[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
      `subsets[0].ports[0].appProtocol: Invalid value: "a b": ${namePart}`,
    ],
  ],
  [
    'Endpoints',
    { 'subsets.0': { ports: [{ port: 80 }] } },
    ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  ],
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
    'Namespace',
    { 'spec.finalizers': ['odd'] },
    ['spec.finalizers: Invalid value: "odd": name is neither a standard finalizer name nor is it fully qualified'],
  ],
  [
    'Namespace',
    { 'spec.finalizers': ['orphan', 'a/'] },
    [
      'spec.finalizers: Invalid value: "a/": name part must be non-empty',
      `spec.finalizers: Invalid value: "a/": ${namePart}`,
    ],
  ],
  [
    'Namespace',
    { 'spec.finalizers': ['a b'] },
    [
      `spec.finalizers: Invalid value: "a b": ${namePart}`,
      'spec.finalizers: Invalid value: "a b": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ],
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
  it('of a secret are told before what is wrong with it', () => {
    const base = { metadata, immutable: true, data: { a: '' } }
    expect(updateCauses(secret, base, { type: 'kubernetes.io/tls', immutable: false, data: {} })).toEqual([
      'type: Invalid value: "kubernetes.io/tls": field is immutable',
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
      'data[tls.crt]: Required value',
      'data[tls.key]: Required value',
    ])
  })

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

  it('of what holds a namespace are told with their place where it is let go, and not elsewhere', () => {
    const changed = (subresource: string): string[] =>
      updateCauses(namespace, { metadata: { name: 'a' } }, { 'spec.finalizers': ['kubernetes', 'odd'] }, subresource)
    expect(changed('finalize')).toEqual([
      'spec.finalizers[1]: Invalid value: "odd": name is neither a standard finalizer name nor is it fully qualified',
    ])
    expect(changed('')).toEqual([])
  })

  it('of a namespace to no phase are none', () => {
    expect(updateCauses(namespace, { metadata: { name: 'a' } }, { 'status.phase': undefined }, 'status')).toEqual([
      'status.Phase: Invalid value: "": may only be \'Active\' if `deletionTimestamp` is empty',
    ])
  })

  it('of a namespace to its end come with its deletion', () => {
    const changes = { 'status.phase': 'Terminating' }
    expect(updateCauses(namespace, { metadata: { name: 'a' } }, changes, 'status')).toEqual([
      'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
    ])
  })
})

it('a service with addresses outside takes their traffic to all nodes unless told otherwise', () => {
  const spec = { ports: [{ port: 80 }], externalIPs: ['192.0.2.1'] }
  expect(created(service, { metadata, spec }).spec?.externalTrafficPolicy).toBe('Cluster')
})
