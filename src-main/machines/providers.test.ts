import { describe, expect, it } from 'vitest'
import type { Availability, MachineProvider } from './provider.ts'
import { bestProvider } from './providers.ts'
import { createSimulatedProvider } from './providers/simulated/provider.ts'

const named = (name: string, answer: Availability): MachineProvider => ({
  ...createSimulatedProvider(),
  name,
  available: () => Promise.resolve(answer),
})

describe('the best provider', () => {
  it('is the first that the host can offer, and tells why not another', async () => {
    const choice = await bestProvider([
      named('fast', { available: false, reason: 'no root', remedy: 'become root' }),
      named('slow', { available: true }),
      named('slower', { available: true }),
    ])
    expect(choice.provider.name).toBe('slow')
    expect(choice.passedOver).toEqual([{ name: 'fast', reason: 'no root', remedy: 'become root' }])
  })
})
