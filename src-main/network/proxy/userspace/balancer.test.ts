import { describe, expect, it } from 'vitest'
import type { ServiceTarget } from '../service-ports.ts'
import { Balancer } from './balancer.ts'

const targets = (...names: string[]): ServiceTarget[] => names.map((address) => ({ address, port: 80, local: false }))

function aBalancer(names: string[], affinitySeconds?: number) {
  const time = { ms: 0 }
  const balancer = new Balancer(() => time.ms)
  balancer.update(targets(...names), affinitySeconds)
  const order = (client?: string): string =>
    balancer
      .order(client)
      .map(({ address }) => address)
      .join('')
  /** The endpoint that a client gets when all accept. */
  const connect = (client: string): string | undefined => {
    const [first] = balancer.order(client)
    if (first !== undefined) balancer.connected(client, first)
    return first?.address
  }
  return { balancer, time, order, connect }
}

describe('the order in which endpoints are tried', () => {
  it('begins one further each time', () => {
    const { order } = aBalancer(['a', 'b', 'c'])
    expect([order(), order(), order(), order()]).toEqual(['abc', 'bca', 'cab', 'abc'])
  })

  it('goes on when endpoints come and go', () => {
    const { balancer, order } = aBalancer(['a', 'b', 'c'])
    order()
    order()
    balancer.update(targets('a', 'b'), undefined)
    expect([order(), order(), order()]).toEqual(['ab', 'ba', 'ab'])
    balancer.update([], undefined)
    expect(order()).toBe('')
  })

  it('forgets who came when no affinity is asked for', () => {
    const { connect } = aBalancer(['a', 'b'])
    expect([connect('one'), connect('one')]).toEqual(['a', 'b'])
  })
})

describe('session affinity', () => {
  it("tries a client's own endpoint first, and takes no turn from others for it", () => {
    const { connect, order } = aBalancer(['a', 'b', 'c'], 10)
    expect([connect('one'), connect('one'), connect('two'), connect('one')]).toEqual(['a', 'a', 'b', 'a'])
    expect(order('one')).toBe('acb')
  })

  it('ends when the client stays away for longer than the timeout', () => {
    const { connect, time } = aBalancer(['a', 'b'], 10)
    expect(connect('one')).toBe('a')
    time.ms = 9_000
    expect(connect('one')).toBe('a')
    time.ms = 18_000
    expect(connect('one')).toBe('a')
    time.ms = 28_000
    expect(connect('one')).toBe('b')
  })

  it('moves a client whose endpoint is gone, or did not accept, to another', () => {
    const { balancer, connect, order } = aBalancer(['a', 'b', 'c'], 10)
    connect('one')
    balancer.update(targets('b', 'c'), 10)
    expect(connect('one')).toBe('c')
    balancer.connected('one', targets('b')[0]!)
    expect(order('one')).toBe('bc')
  })

  it('treats clients of unknown address as new', () => {
    const { balancer, order } = aBalancer(['a', 'b'], 10)
    balancer.connected(undefined, targets('a')[0]!)
    expect([order(), order()]).toEqual(['ab', 'ba'])
  })
})
