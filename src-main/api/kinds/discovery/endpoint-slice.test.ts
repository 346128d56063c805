import { expect, it } from 'vitest'
import { created, creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { EndpointSlice } from '../../types/discovery-v1.ts'
import { endpointSlice } from './endpoint-slice.ts'

function aSlice(more: Partial<EndpointSlice> = {}): EndpointSlice {
  const draft: EndpointSlice = {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [{ port: 80 }],
    ...more,
  }
  endpointSlice.defaults?.(draft)
  return draft
}

const pathsOf = (more: Partial<EndpointSlice>): string[] =>
  (endpointSlice.validate?.(aSlice(more)) ?? []).map(({ path }) => path)

it.each<[string, Partial<EndpointSlice>, string[]]>([
  ['nothing more', {}, []],
  ['no address type', { addressType: '', endpoints: [] }, ['addressType']],
  ['an address of another family', { endpoints: [{ addresses: ['fd00::1'] }] }, ['endpoints[0].addresses[0]']],
  ['an endpoint without addresses', { endpoints: [{ addresses: [] }] }, ['endpoints[0].addresses']],
  ['two ports of one name', { ports: [{ port: 1 }, { port: 2 }] }, ['ports[1].name']],
  ['a port out of range', { ports: [{ port: 0 }] }, ['ports[0].port']],
  [
    'too many endpoints',
    { endpoints: Array.from({ length: 1001 }, () => ({ addresses: ['10.0.0.1'] })) },
    ['endpoints'],
  ],
])('a slice with %s has errors at %j', (_, more, paths) => expect(pathsOf(more)).toEqual(paths))

it('a slice keeps its address type', () => {
  expect(endpointSlice.validateUpdate?.(aSlice({ addressType: 'IPv6' }), aSlice())).toHaveLength(1)
})

it('a slice shows its ports and first addresses', () => {
  const cells = Object.fromEntries(
    (endpointSlice.columns ?? []).map((column) => [column.name, column.cell(aSlice(), 0)]),
  )
  expect(cells).toMatchObject({ AddressType: 'IPv4', Ports: '80', Endpoints: '10.0.0.1' })
  expect(endpointSlice.columns?.[2]?.cell(aSlice({ ports: [] }), 0)).toBe('<unset>')
})

const many = <T>(count: number, one: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => one(index))
const address = 'endpoints[0].addresses[0]'
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const hints = 'endpoints[0].hints'

it.each<[Changes, string[]]>([
  [
    { addressType: 'Odd', 'endpoints.0.addresses': ['?'] },
    ['addressType: Unsupported value: "Odd": supported values: "FQDN", "IPv4", "IPv6"'],
  ],
  [{ endpoints: many(1001, () => ({ addresses: [] })) }, ['endpoints: Too many: 1001: must have at most 1000 items']],
  [{ ports: many(20_001, () => ({})) }, ['ports: Too many: 20001: must have at most 20000 items']],
  [
    { 'endpoints.0.addresses': ['x'] },
    [`${address}: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`],
  ],
  [{ 'endpoints.0.addresses': ['010.0.0.1'] }, [`${address}: Invalid value: "010.0.0.1": must not have leading 0s`]],
  [
    { 'endpoints.0.addresses': ['::1'] },
    [
      `${address}: Invalid value: "::1": must be an IPv4 address`,
      `${address}: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)`,
    ],
  ],
  [
    { 'endpoints.0.addresses': many(101, () => '10.0.0.1') },
    ['endpoints[0].addresses: Too many: 101: must have at most 100 items'],
  ],
  [
    { addressType: 'FQDN', 'endpoints.0.addresses': ['a.example.com.', ''] },
    ['endpoints[0].addresses[1]: Required value'],
  ],
  [
    { addressType: 'FQDN', 'endpoints.0.addresses': ['local'] },
    [`${address}: Invalid value: "local": should be a domain with at least two segments separated by dots`],
  ],
  [{ addressType: 'FQDN', 'endpoints.0.addresses': ['A.b'] }, [`${address}: Invalid value: "A.b": ${subdomain}`]],
  [
    { addressType: 'FQDN', 'endpoints.0.addresses': [`${'a'.repeat(64)}.b`] },
    [`${address}: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`],
  ],
  [
    { 'endpoints.0': { addresses: [], hostname: 'A', nodeName: 'B', hints: { forZones: [{ name: '-' }] } } },
    [
      'endpoints[0].addresses: Required value: must contain at least 1 address',
      `endpoints[0].nodeName: Invalid value: "B": ${subdomain}`,
      `endpoints[0].hostname: Invalid value: "A": ${label}`,
      `${hints}.forZones[0].name: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  ],
  [
    { 'endpoints.0.hints': { forZones: many(9, () => ({ name: '-' })), forNodes: [{ name: '-' }] } },
    [`${hints}.forZones: Too many: 9: must have at most 8 items`],
  ],
  [
    { 'endpoints.0.hints': { forNodes: [{ name: 'a' }, { name: 'a' }, { name: 'B' }] } },
    [`${hints}.forNodes[1].name: Duplicate value: "a"`, `${hints}.forNodes[2].name: Invalid value: "B": ${subdomain}`],
  ],
  [
    { ports: [{ name: 'A', protocol: 'ICMP', appProtocol: 'a/' }] },
    [
      `ports[0].name: Invalid value: "A": ${label}`,
      'ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
      'ports[0].appProtocol: Invalid value: "a/": name part must be non-empty',
      `ports[0].appProtocol: Invalid value: "a/": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
  ],
])('of a slice with %j it is said: %j', (changes, causes) =>
  expect(creationCauses(endpointSlice, aSlice(), changes)).toEqual(causes),
)

it('the topology of a slice is not written, and one that was stored long ago is checked', () => {
  const topology = Object.fromEntries(
    many(17, (index) => [index === 0 ? 'topology.kubernetes.io/zone' : `k${index}`, 'v']),
  )
  const slice = aSlice({ endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: topology }] })
  expect(created(endpointSlice, slice).endpoints).toEqual([{ addresses: ['10.0.0.1'] }])
  expect(updateCauses(endpointSlice, aSlice(), { 'endpoints.0.deprecatedTopology': topology })).toEqual([])
  const at = 'endpoints[0].deprecatedTopology'
  expect((endpointSlice.validate?.(slice) ?? []).map(({ path, type }) => `${path} ${type}`)).toEqual([
    `${at} FieldValueTooMany`,
    `${at}[topology.kubernetes.io/zone] InternalError`,
  ])
})
