import { describe, expect, it } from 'vitest'
import { machine } from './machine.ts'

describe('a machine', () => {
  const spec = { provider: 'sandbox', address: '10.30.0.11', cpus: 2, memory: '2Gi' }
  const pathsOf = (changes: object): string[] =>
    machine.validate?.({ metadata: { name: 'worker-1' }, spec: { ...spec, ...changes } }).map(({ path }) => path) ?? []

  it('is accepted with a provider, an address, processors and memory', () => {
    expect(pathsOf({})).toEqual([])
  })

  it.each([
    ['spec.provider', { provider: '' }],
    ['spec.address', { address: '10.30.0.11; reboot' }],
    ['spec.address', { address: '10.30.0.300' }],
    ['spec.cpus', { cpus: 0 }],
    ['spec.memory', { memory: '-1' }],
  ])('is refused for its %s: %o', (path, changes) => {
    expect(pathsOf(changes)).toContain(path)
  })
})
