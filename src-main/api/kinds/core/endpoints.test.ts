import { expect, it } from 'vitest'
import { creationCauses, type Changes } from '../../../../test/support/validation.ts'
import { endpoints } from './endpoints.ts'

const metadata = { name: 'a', namespace: 'here' }
const base = { metadata, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }

const namePart =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const address = 'may not be in the loopback range (127.0.0.0/8, ::1/128)'

it.each<[Changes, string[]]>([
  [{}, []],
  [
    { 'subsets.0.addresses.0': { ip: '127.0.0.1' } },
    [`subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": ${address}`],
  ],
  [{ 'subsets.0.ports': [{ port: 80 }, { port: 81, name: 'b' }] }, ['subsets[0].ports[0].name: Required value']],
  [
    { 'subsets.0.addresses.0': { ip: 'x', hostname: 'a.b', nodeName: 'c_d' } },
    [
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'subsets[0].addresses[0].hostname: Invalid value: "a.b": must not contain dots',
      `subsets[0].addresses[0].nodeName: Invalid value: "c_d": ${subdomain}`,
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
    ],
  ],
  [
    { 'subsets.0.addresses': [{ ip: '0.0.0.0' }, { ip: '127.0.0.01' }, { ip: '::ffff:10.0.0.1' }] },
    [
      'subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'subsets[0].addresses[1].ip: Invalid value: "127.0.0.01": must not have leading 0s',
      `subsets[0].addresses[1].ip: Invalid value: "127.0.0.01": ${address}`,
      'subsets[0].addresses[2].ip: Invalid value: "::ffff:10.0.0.1": must not be an IPv4-mapped IPv6 address',
    ],
  ],
  [
    { 'subsets.0.ports': [{ name: 'a', port: 0, protocol: 'ICMP', appProtocol: 'a b' }] },
    [
      'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'subsets[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
      `subsets[0].ports[0].appProtocol: Invalid value: "a b": ${namePart}`,
    ],
  ],
  [
    { 'subsets.0': { ports: [{ port: 80 }] } },
    ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  ],
])('endpoints with %j', (changes, causes) => expect(creationCauses(endpoints, base, changes)).toEqual(causes))
