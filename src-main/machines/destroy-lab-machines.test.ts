import { describe, expect, it } from 'vitest'
import { silentLog } from '../lib/log.ts'
import { destroyLabMachines } from './destroy-lab-machines.ts'
import type { MachineProvider } from './provider.ts'
import { createSimulatedProvider } from './providers/simulated/provider.ts'

function aProvider(names: string[], stubborn: string[] = []): MachineProvider & { cleaned: boolean } {
  const left = new Set(names)
  const provider = {
    ...createSimulatedProvider(),
    cleaned: false,
    list: () => Promise.resolve([...left]),
    destroy: (name: string) => {
      if (stubborn.includes(name)) return Promise.reject(new Error(`${name} stays`))
      left.delete(name)
      return Promise.resolve()
    },
    cleanUp: () => {
      provider.cleaned = true
      return Promise.resolve()
    },
  }
  return provider
}

describe("removing a lab's workers without an API", () => {
  it('removes all of every provider, and what they shared', async () => {
    const providers = [aProvider(['worker-2', 'worker-1']), aProvider([])]
    expect(await destroyLabMachines({ providers, log: silentLog })).toEqual(['worker-1', 'worker-2'])
    expect(providers.map(({ cleaned }) => cleaned)).toEqual([true, true])
  })

  it('removes only those that are named, and keeps what the others need', async () => {
    const provider = aProvider(['worker-1', 'worker-2'])
    expect(await destroyLabMachines({ providers: [provider], names: ['worker-2'], log: silentLog })).toEqual([
      'worker-2',
    ])
    expect(provider.cleaned).toBe(false)
  })

  it('tries all before it fails', async () => {
    const provider = aProvider(['worker-1', 'worker-2'], ['worker-1'])
    await expect(destroyLabMachines({ providers: [provider], log: silentLog })).rejects.toThrow(AggregateError)
    expect(await provider.list()).toEqual(['worker-1'])
  })
})
