import { describe, expect, it } from 'vitest'
import { contains, ipText, parseIp, parseIpRange } from './ip-range.ts'

describe('an address', () => {
  it.each(['0.0.0.0', '10.96.0.1', '255.255.255.255'])('%s is read and written', (text) => {
    expect(ipText(parseIp(text) ?? -1)).toBe(text)
  })

  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', 'None', '::1'])(
    '%j is none',
    (text) => {
      expect(parseIp(text)).toBeUndefined()
    },
  )
})

describe('a range', () => {
  it('begins at its network address and holds what is in it', () => {
    const range = parseIpRange('10.96.7.9/16')
    expect(ipText(range.first)).toBe('10.96.0.0')
    expect(range.size).toBe(65_536)
    expect(contains(range, parseIp('10.96.255.255') ?? 0)).toBe(true)
    expect(contains(range, parseIp('10.97.0.0') ?? 0)).toBe(false)
  })

  it.each(['10.96.0.0', '10.96.0.0/', '10.96.0.0/31', '10.96.0.0/x', 'fd00::/64'])('cannot be %j', (cidr) => {
    expect(() => parseIpRange(cidr)).toThrow('is not an IPv4 range')
  })
})
