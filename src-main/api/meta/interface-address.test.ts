import { describe, expect, it } from 'vitest'
import { interfaceAddressProblems } from './interface-address.ts'

const noAddress = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'
const canonical = (text: string): string => `must be in canonical form ("${text}")`

describe('the address of an interface', () => {
  it.each<[string, string[]]>([
    ['1.2.3.4/24', []],
    ['2001:4860:4860::1/48', []],
    ['::1/128', []],
    ['', [noAddress]],
    ['1.2.3.4', [noAddress]],
    ['192.168.0.1/0/99', [noAddress]],
    ['192.168.0.0/+16', [noAddress]],
    ['300.9.8.0/24', [noAddress]],
    ['1.2.3.4/33', [noAddress]],
    ['010.009.008.000/24', [canonical('10.9.8.0/24')]],
    ['2001:0db8::1/64', [canonical('2001:db8::1/64')]],
    ['2001:DB8::1/64', [canonical('2001:db8::1/64')]],
    ['::ffff:192.168.0.1/120', [canonical('192.168.0.1/24')]],
  ])('%s → %j', (text, problems) => {
    expect(interfaceAddressProblems(text)).toEqual(problems)
  })
})
