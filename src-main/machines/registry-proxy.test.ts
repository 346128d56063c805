import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { MachineError, type Machine } from './machine.ts'
import { createSimulatedMachine } from './providers/simulated/machine.ts'
import { parseRequest, registryProxyPort, serveRegistryProxy } from './registry-proxy.ts'

/** A worker whose Docker connects by `dial`; a registry that says what it was told, in capitals. */
async function aWorker(addresses: readonly string[] | Error, failures: Error[] = []) {
  const clock = new VirtualClock()
  const connected: string[] = []
  let accept: ((socket: Duplex) => void) | undefined
  let port = 0
  const machine: Machine = {
    ...createSimulatedMachine({ name: 'worker-1', address: '10.77.0.11' }),
    listenTcp: (wanted, handler) => {
      const failure = failures.shift()
      if (failure !== undefined) return Promise.reject(failure)
      accept = handler
      port = wanted
      return Promise.resolve({ port: wanted, dispose: () => undefined })
    },
  }
  const listening = serveRegistryProxy({
    ...{ machine, clock, random: seededRandom(1), log: silentLog },
    resolve: () => (addresses instanceof Error ? Promise.reject(addresses) : Promise.resolve(addresses)),
    connect: (address, registryPort) => {
      connected.push(`${address}:${registryPort}`)
      if (address.endsWith('.9')) return Promise.reject(new Error('refused'))
      const [near, far] = duplexPair()
      far.on('data', (chunk: Buffer) => far.end(chunk.toString().toUpperCase()))
      return Promise.resolve(near)
    },
  })
  const dial = async (request: string): Promise<string> => {
    const [docker, worker] = duplexPair()
    accept?.(worker)
    docker.write(request)
    let text = ''
    for await (const chunk of docker) text += String(chunk)
    return text
  }
  return { clock, listening, connected, dial, port: () => port }
}

describe('pulling images through the app', () => {
  it('connects a worker to a registry', async () => {
    const { listening, dial, connected, port } = await aWorker(['203.0.113.5'])
    await listening
    expect(port()).toBe(registryProxyPort)
    const answer = await dial('CONNECT registry.example:443 HTTP/1.1\r\nHost: registry.example\r\n\r\nhello')
    expect(answer).toBe('HTTP/1.1 200 Connected\r\n\r\nHELLO')
    expect(connected).toEqual(['203.0.113.5:443'])
  })

  it('tries every address of a registry', async () => {
    const { listening, dial, connected } = await aWorker(['203.0.113.9', '203.0.113.5'])
    await listening
    expect(await dial('CONNECT registry.example:443 HTTP/1.1\r\n\r\nx')).toContain('200')
    expect(connected).toHaveLength(2)
  })

  it.each([
    ['this computer itself', ['127.0.0.1', '::1', '169.254.169.254', '::ffff:127.0.0.1']],
    ['does not find registry.example', new Error('ENOTFOUND')],
    ['does not reach registry.example', ['203.0.113.9']],
  ])('says that it is %s', async (words, addresses) => {
    const { listening, dial } = await aWorker(addresses)
    await listening
    const answer = await dial('CONNECT registry.example:443 HTTP/1.1\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 502 /)
    expect(answer).toContain(words)
  })

  it('tries again when the port is taken, and ends with the machine', async () => {
    const { clock, listening, port } = await aWorker([], [new MachineError('Failed', 'taken')])
    expect(port()).toBe(0)
    await clock.advance(2_000)
    await listening
    expect(port()).toBe(registryProxyPort)
    await (
      await aWorker([], [new MachineError('Disposed', 'gone')])
    ).listening
  })

  it.each([
    'GET / HTTP/1.1\r\n',
    'CONNECT registry.example:22 HTTP/1.1\r\n',
    'CONNECT :443 HTTP/1.1\r\n',
    'CONNECT a b:443 HTTP/1.1\r\n',
  ])('refuses %j', (head) => {
    expect(() => parseRequest(head)).toThrow(MachineError)
  })

  it('reads the host of a request', () => {
    expect(parseRequest('CONNECT [2001:db8::1]:443 HTTP/1.1\r\n')).toBe('2001:db8::1')
  })
})
