import { describe, expect, it } from 'vitest'
import { silentLog } from '../lib/log.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { createClient } from '../client/resource-client.ts'
import { FakeCollection } from '../../test/support/fake-collection.ts'
import type { Machine } from './machine.ts'
import { createSimulatedMachine } from './providers/simulated/machine.ts'
import { createSimulatedProvider } from './providers/simulated/provider.ts'
import { bringUp } from './running-machine.ts'
import { StatusWriter } from './status-writer.ts'

describe('bringing a worker up', () => {
  it('ends at once when the app does, and lets go of the worker that comes later', async () => {
    const starting = Promise.withResolvers<Machine>()
    const abort = new AbortController()
    const metadata = { name: 'worker-1', uid: 'u', resourceVersion: '1', creationTimestamp: '' }
    const begun = Promise.withResolvers<undefined>()
    const running = bringUp({
      object: { metadata, spec: { provider: 'simulated', address: '10.77.0.11', cpus: 1, memory: '1Gi' } },
      provider: {
        ...createSimulatedProvider(),
        start: () => {
          begun.resolve(undefined)
          return starting.promise
        },
      },
      attach: () => Promise.reject(new Error('unused')),
      status: new StatusWriter(createClient(new FakeCollection()), 'worker-1', {}, silentLog),
      clock: new VirtualClock(),
      signal: abort.signal,
      onConnection: () => undefined,
    })
    await begun.promise
    abort.abort(new Error('the app ends'))
    await expect(running).rejects.toThrow('the app ends')
    let letGo = false
    const machine = createSimulatedMachine({ name: 'worker-1', address: '10.77.0.11' })
    starting.resolve({ ...machine, dispose: () => void (letGo = true) })
    await starting.promise
    await Promise.resolve()
    expect(letGo).toBe(true)
  })
})
