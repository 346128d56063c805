import { describe, expect, it } from 'vitest'
import { cidrText, contains, nthAddress, parseCidr } from './cidr.ts'
import { freeNetwork, takenNetworks } from './ipam.ts'
import { hardwareAddress, routeBatch } from './node-commands.ts'
import { linkName } from './node-network.ts'
import { PodAddresses } from './pod-addresses.ts'

describe('networks', () => {
  it('are read with their host part cut off', () => {
    expect(cidrText(parseCidr('10.244.3.77/24'))).toBe('10.244.3.0/24')
    expect(nthAddress(parseCidr('192.168.255.0/24'), 255)).toBe('192.168.255.255')
    expect(contains(parseCidr('10.96.0.0/12'), '10.111.255.255')).toBe(true)
    expect(contains(parseCidr('10.96.0.0/12'), '10.112.0.0')).toBe(false)
  })

  it.each(['10.0.0.0', '10.0.0/8', '10.0.0.256/8', '10.0.0.0/33', 'x/8'])('refuse %s', (text) => {
    expect(() => parseCidr(text)).toThrow('is not an IPv4 network')
  })

  it('are given to nodes in order, and again when a node is gone', () => {
    const cluster = parseCidr('10.244.0.0/22')
    const node = (podCIDR: string): object => ({ spec: { podCIDR } })
    const taken = takenNetworks([node('10.244.0.0/24'), node('10.244.2.0/24')])
    expect(freeNetwork(cluster, 24, taken)).toBe('10.244.1.0/24')
    expect(freeNetwork(cluster, 24, new Set([0, 1, 2, 3].map((part) => `10.244.${part}.0/24`)))).toBeUndefined()
  })
})

describe('addresses of pods', () => {
  it('start after the bridge, and stay with their pod', () => {
    const addresses = new PodAddresses(parseCidr('10.244.1.0/24'))
    expect(addresses.bridge).toBe('10.244.1.1')
    expect(addresses.reserve('a')).toBe('10.244.1.2')
    expect(addresses.reserve('b')).toBe('10.244.1.3')
    expect(addresses.reserve('a')).toBe('10.244.1.2')
  })

  it('rest as long as possible before they are given again', () => {
    const addresses = new PodAddresses(parseCidr('10.244.1.0/29'))
    const given = ['a', 'b', 'c'].map((pod) => addresses.reserve(pod))
    addresses.release('a')
    expect(given).not.toContain(addresses.reserve('d'))
  })

  it('that pods have since before are not given to others', () => {
    const addresses = new PodAddresses(parseCidr('10.244.1.0/24'))
    addresses.adopt('old', '10.244.1.2')
    expect(addresses.reserve('new')).toBe('10.244.1.3')
  })

  it('run out, and say so', () => {
    const addresses = new PodAddresses(parseCidr('10.244.1.0/29'))
    const pods = ['a', 'b', 'c', 'd', 'e']
    expect(new Set(pods.map((pod) => addresses.reserve(pod))).size).toBe(5)
    expect(() => addresses.reserve('f')).toThrow('no free address')
  })
})

describe('links and routes', () => {
  it('have names that the kernel takes', () => {
    expect(linkName('0d1f3c9e-9a38-4b5e-a6d2-3d6f0f1f7a55')).toMatch(/^veth[0-9a-f]{11}$/)
    expect(hardwareAddress('10.244.1.2')).toBe('0a:58:0a:f4:01:02')
  })

  it('change only where they differ', () => {
    const one = { network: '10.244.1.0/24', via: '10.0.0.1' }
    const two = { network: '10.244.2.0/24', via: '10.0.0.2' }
    const moved = { network: '10.244.2.0/24', via: '10.0.0.3' }
    expect(routeBatch([one], [one])).toBeUndefined()
    expect(routeBatch([one, moved], [one, two])).toBe('route replace 10.244.2.0/24 via 10.0.0.3 proto 186\n')
    expect(routeBatch([], [two])).toBe('route del 10.244.2.0/24 proto 186\n')
  })
})
