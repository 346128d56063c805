import { PassThrough, type Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { waitForDocker } from './docker-ready.ts'
import { MachineError, type Machine } from './machine.ts'
import { createSimulatedMachine } from './providers/simulated/machine.ts'

const refused = (): Promise<Duplex> => Promise.reject(new MachineError('Failed', 'no such socket'))

function answering(text: string): () => Promise<Duplex> {
  return () => {
    const socket = new PassThrough()
    socket.write = () => true
    socket.push(text)
    socket.push(null)
    socket.resume()
    socket.on('end', () => socket.destroy())
    return Promise.resolve(socket)
  }
}

const silent = (): Promise<Duplex> => {
  const socket = new PassThrough()
  socket.write = () => true
  return Promise.resolve(socket)
}

/** Each try to reach Docker takes the next of `tries`, and the last one from then on. */
function aMachine(...tries: (() => Promise<Duplex>)[]): Machine {
  let next = 0
  const simulated = createSimulatedMachine({ name: 'worker-1', address: '10.77.0.11' })
  const exec: Machine['exec'] = () => Promise.resolve({ code: 0, stdout: 'no space left on device\n', stderr: '' })
  return { ...simulated, exec, openUnix: () => (tries[Math.min(next++, tries.length - 1)] ?? refused)() }
}

const good = answering('HTTP/1.0 200 OK\r\n\r\nOK')

describe("waiting for a worker's Docker", () => {
  it.each([
    ['no socket is there yet', [refused, refused, good]],
    ['it is not ready', [answering('HTTP/1.0 503 Service Unavailable\r\n\r\n'), good]],
    ['it takes the call and says nothing', [silent, good]],
  ])('goes on while %s', async (_, tries) => {
    const clock = new VirtualClock()
    let ready = false
    void waitForDocker(aMachine(...tries), clock, 10_000).then(() => (ready = true))
    await clock.advanceUntil(() => ready, 5_000)
  })

  it('ends with what Docker said last', async () => {
    const clock = new VirtualClock()
    const waiting = expect(waitForDocker(aMachine(refused), clock, 1_000)).rejects.toMatchObject({
      code: 'Timeout',
      message: 'worker-1: Docker does not answer: no space left on device',
    })
    await clock.advance(2_000)
    await waiting
  })
})
