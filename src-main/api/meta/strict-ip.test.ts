import { expect, it } from 'vitest'
import { reachableIpProblems } from './ip.ts'
import { strictCidrProblems, strictIpProblems, unambiguousIpProblems } from './strict-ip.ts'

const none = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const noRange = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

it.each<[string, string[]]>([
  ['10.0.0.1', []],
  ['2001:db8::1', []],
  ['::', []],
  ['', [none]],
  ['10.0.0', [none]],
  ['10.0.0.256', [none]],
  ['fe80::1%eth0', [none]],
  ['010.0.0.1', ['must not have leading 0s']],
  ['00001::', ['must not have leading 0s']],
  ['::ffff:010.0.0.1', ['must not have leading 0s']],
  ['::ffff:10.0.0.1', ['must not be an IPv4-mapped IPv6 address']],
  ['::ffff:a00:1', ['must not be an IPv4-mapped IPv6 address']],
  ['2001:db8:0:0:0:0:0:1', ['must be in canonical form ("2001:db8::1")']],
  ['2001:DB8::1', ['must be in canonical form ("2001:db8::1")']],
  ['2001:db8::0001', ['must be in canonical form ("2001:db8::1")']],
  ['::1.2.3.4', ['must be in canonical form ("::102:304")']],
])('as an address, %j: %j', (text, problems) => expect(strictIpProblems(text)).toEqual(problems))

it('an address of a field from before may be written in its long form', () =>
  expect(unambiguousIpProblems('2001:DB8:0:0:0:0:0:1')).toEqual([]))

it.each<[string, string[]]>([
  ['10.0.0.0/24', []],
  ['2001:db8::/64', []],
  ['0.0.0.0/0', []],
  ['10.0.0.0', [noRange]],
  ['10.0.0.0/33', [noRange]],
  ['10.0.0.0/024', ['must not have leading 0s in IP or prefix length']],
  ['010.0.0.0/24', ['must not have leading 0s in IP or prefix length']],
  ['::ffff:10.0.0.0/120', ['must not have an IPv4-mapped IPv6 address']],
  ['10.0.0.1/24', ['must not have bits set beyond the prefix length']],
  ['2001:db8:0::/64', ['must be in canonical form ("2001:db8::/64")']],
])('as a range, %j: %j', (text, problems) => expect(strictCidrProblems(text)).toEqual(problems))

it.each<[string, string[]]>([
  ['10.0.0.1', []],
  ['224.0.1.1', []],
  ['0.0.0.0', ['may not be unspecified (0.0.0.0)']],
  ['0::0', ['may not be unspecified (0::0)']],
  ['127.1.2.3', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['::1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['::ffff:127.0.0.1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['169.254.0.1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['febf::1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['224.0.0.9', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
  ['ff12::1', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
])('for traffic of others, %j: %j', (text, problems) => expect(reachableIpProblems(text)).toEqual(problems))
