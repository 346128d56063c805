import { describe, expect, it } from 'vitest'
import { createSimulatedProvider } from './provider.ts'

const spec = { name: 'worker-1', address: '10.77.0.11', cpus: 2, memoryBytes: 1 }

describe('a simulated worker', () => {
  const provider = createSimulatedProvider()

  it('is there everywhere, at once', async () => {
    expect(await provider.available()).toEqual({ available: true })
    const machine = await provider.start(spec, () => undefined)
    expect([machine.name, machine.address]).toEqual(['worker-1', '10.77.0.11'])
  })

  it('says that it runs nothing, by a code', async () => {
    const machine = await provider.start(spec, () => undefined)
    const refused = { code: 'Unsupported' }
    await expect(machine.exec(['true'])).rejects.toMatchObject(refused)
    await expect(machine.openUnix('/run/docker.sock')).rejects.toMatchObject(refused)
    await expect(machine.writeFile('/etc/hosts', '')).rejects.toMatchObject(refused)
  })

  it('lets components listen, each on a port of its own', async () => {
    const machine = await provider.start(spec, () => undefined)
    const ports = await Promise.all([0, 0, 80].map((port) => machine.listenTcp(port, () => undefined)))
    expect(new Set(ports.map(({ port }) => port)).size).toBe(3)
    expect(ports[2]?.port).toBe(80)
  })
})
