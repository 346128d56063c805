import { expect, it } from 'vitest'
import { cidrFamily, ipFamily } from './ip.ts'

it.each([
  ['10.0.0.1', 4],
  ['255.255.255.255', 4],
  ['256.0.0.1', undefined],
  ['010.0.0.1', undefined],
  ['1.2.3', undefined],
  ['::', 6],
  ['::1', 6],
  ['fd00::1', 6],
  ['1:2:3:4:5:6:7:8', 6],
  ['1:2:3:4:5:6:7', undefined],
  ['1::2::3', undefined],
  ['1:2:3:4:5:6:7:8::', undefined],
  ['::ffff:1.2.3.4', 6],
  ['::ffff:1.2.3.400', undefined],
  ['12345::', undefined],
  ['', undefined],
  ['localhost', undefined],
])('%j is an address of family %s', (text, family) => expect(ipFamily(text)).toBe(family))

it.each([
  ['10.0.0.0/16', 4],
  ['10.0.0.0/33', undefined],
  ['fd00::/64', 6],
  ['fd00::/129', undefined],
  ['10.0.0.0', undefined],
  ['10.0.0.0/16/1', undefined],
  ['10.0.0.0/016', undefined],
])('%j is a range of family %s', (text, family) => expect(cidrFamily(text)).toBe(family))
