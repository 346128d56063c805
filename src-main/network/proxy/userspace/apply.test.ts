import { duplexPair, type Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../lib/log.ts'
import { settle, VirtualClock } from '../../../lib/virtual-clock.ts'
import type { Machine } from '../../../machines/machine.ts'
import { createSimulatedMachine } from '../../../machines/providers/simulated/machine.ts'
import { UserspaceApplier } from './apply.ts'
import type { WantedListener } from './rules.ts'

/** A worker whose endpoints answer with their address; of those in `broken`, some refuse and some never answer. */
function aWorker() {
  const clock = new VirtualClock()
  const said: string[] = []
  const accepts = new Map<number, (socket: Duplex, source?: string) => void>()
  const broken = new Map<string, 'refuses' | 'is silent'>()
  const failures: Error[] = []
  let nextPort = 40_001
  const machine: Machine = {
    ...createSimulatedMachine({ name: 'worker-1', address: '10.77.0.11' }),
    listenTcp: (_port, accept) => {
      const failure = failures.shift()
      if (failure !== undefined) return Promise.reject(failure)
      const port = nextPort++
      said.push(`open ${port}`)
      accepts.set(port, accept)
      const dispose = (): void => {
        said.push(`close ${port}`)
        accepts.delete(port)
      }
      return Promise.resolve({ port, dispose })
    },
    openTcp: (host) => {
      const how = broken.get(host)
      if (how === 'refuses') return Promise.reject(new Error('refused'))
      if (how === 'is silent') return new Promise(() => undefined)
      const [near, far] = duplexPair()
      let question = ''
      far.on('data', (chunk: Buffer) => (question += chunk.toString()))
      // Answers only when the question has ended: a half-open connection.
      far.on('end', () => far.end(`${host}: ${question}`))
      return Promise.resolve(near)
    },
  }
  const applier = new UserspaceApplier({ machine, clock, log: silentLog })
  const apply = (...wanted: WantedListener[]): Promise<void> =>
    applier.apply(wanted, (redirects) => {
      said.push(`rules ${[...redirects].map(([chain, port]) => `${chain}=${port}`).join(' ')}`)
      return Promise.resolve()
    })
  /** A client of a port; resolves with all that it hears. */
  const ask = async (port: number, question: string, source?: string): Promise<string> => {
    const [client, worker] = duplexPair()
    accepts.get(port)?.(worker, source)
    client.end(question)
    let heard = ''
    client.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    await new Promise((resolve) => worker.once('close', resolve))
    await settle()
    return heard
  }
  return { applier, clock, said, accepts, broken, failures, apply, ask }
}

const wanted = (chain: string, ...addresses: string[]): WantedListener => ({
  chain,
  targets: addresses.map((address) => ({ address, port: 80, local: false })),
  affinitySeconds: undefined,
})

describe('listeners and rules', () => {
  it('change in an order in which no rule leads nowhere', async () => {
    const { apply, said } = aWorker()
    await apply(wanted('A', 'x'), wanted('B', 'x'))
    await apply(wanted('B', 'y'), wanted('C', 'x'))
    await apply()
    expect(said).toEqual([
      ...['open 40001', 'open 40002', 'rules A=40001 B=40002'],
      ...['open 40003', 'rules B=40002 C=40003', 'close 40001'],
      ...['rules ', 'close 40002', 'close 40003'],
    ])
  })

  it('keep old listeners when the rules cannot be written', async () => {
    const { applier, apply, said } = aWorker()
    await apply(wanted('A', 'x'))
    await expect(applier.apply([], () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(said).not.toContain('close 40001')
  })

  it('leave a chain to the iptables mode when its port cannot be opened, and tell of it', async () => {
    const { apply, said, failures } = aWorker()
    failures.push(new Error('no port'))
    await expect(apply(wanted('A', 'x'), wanted('B', 'x'))).rejects.toThrow('ports that could not be opened: 1')
    expect(said.at(-1)).toBe('rules B=40001')
    await apply(wanted('A', 'x'), wanted('B', 'x'))
    expect(said.at(-1)).toBe('rules A=40002 B=40001')
  })
})

describe('a connection to a service', () => {
  it('reaches the endpoints in turn, and hears the answer after it has ended its own side', async () => {
    const { apply, ask } = aWorker()
    await apply(wanted('A', 'x', 'y'))
    expect(await ask(40_001, 'one')).toBe('x: one')
    expect(await ask(40_001, 'two')).toBe('y: two')
    await apply(wanted('A', 'z'))
    expect(await ask(40_001, 'three')).toBe('z: three')
  })

  it('tries the next endpoint when one refuses or does not answer in time', async () => {
    const { applier, apply, ask, broken, clock } = aWorker()
    await apply(wanted('A', 'x', 'y', 'z'))
    broken.set('x', 'refuses').set('y', 'is silent')
    const asking = ask(40_001, 'one')
    await clock.advance(2_000)
    expect(await asking).toBe('z: one')
    expect(applier.facts).toMatchObject({ connections: 1, refusals: 2, unanswered: 0, 'connections.open': 0 })
  })

  it('ends at once when no endpoint accepts', async () => {
    const { applier, apply, ask, broken } = aWorker()
    await apply(wanted('A', 'x'))
    broken.set('x', 'refuses')
    expect(await ask(40_001, 'one')).toBe('')
    expect(applier.facts).toMatchObject({ unanswered: 1, 'connections.open': 0 })
  })

  it('stays with the endpoint of its client when the service wants it', async () => {
    const { apply, ask, broken } = aWorker()
    await apply({ ...wanted('A', 'x', 'y'), affinitySeconds: 60 })
    expect(await ask(40_001, '', '10.244.1.9')).toBe('x: ')
    expect(await ask(40_001, '', '10.244.1.9')).toBe('x: ')
    expect(await ask(40_001, '', '10.244.1.8')).toBe('y: ')
    broken.set('x', 'refuses')
    expect(await ask(40_001, '', '10.244.1.9')).toBe('y: ')
    broken.clear()
    expect(await ask(40_001, '', '10.244.1.9')).toBe('y: ')
  })

  it('outlives its listener, but not the proxy', async () => {
    const { applier, apply, accepts } = aWorker()
    await apply(wanted('A', 'x'))
    const [client, worker] = duplexPair()
    accepts.get(40_001)?.(worker)
    await settle()
    await apply()
    expect(client.destroyed).toBe(false)
    expect(applier.facts).toMatchObject({ listeners: 0, 'connections.open': 1 })
    await applier.dispose()
    await settle()
    expect(applier.facts['connections.open']).toBe(0)
  })
})
