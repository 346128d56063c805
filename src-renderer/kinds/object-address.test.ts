import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from './object-address.ts'

describe('the address of an object', () => {
  it.each([
    { plural: 'pods', namespace: 'default', name: 'web' },
    { plural: 'nodes', name: 'worker-1' },
  ])('is read back: %j', (address) => {
    expect(parseAddress(formatAddress(address))).toEqual(address)
  })

  it.each(['', 'pods', 'pods/', 'pods//web', 'pods/a/', 'a/b/c/d'])('is nothing for %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })
})
