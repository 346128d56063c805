import { once } from 'node:events'
import type { Clock } from '../lib/clock.ts'
import { MachineError, type Machine } from './machine.ts'

const dockerSocket = '/run/docker.sock'
const tryEveryMs = 30

/** Resolves when the worker's Docker answers. Rejects with `Timeout` when it does not within `patienceMs`. */
export async function waitForDocker(machine: Machine, clock: Clock, patienceMs: number): Promise<void> {
  const deadline = clock.monotonic() + patienceMs
  for (;;) {
    let failure: unknown
    try {
      if (await ping(machine)) return
    } catch (error) {
      failure = error
    }
    if (clock.monotonic() >= deadline)
      throw new MachineError(
        'Timeout',
        `${machine.name}: Docker does not answer (see /var/log/dockerd.log there)`,
        failure,
      )
    await clock.sleep(tryEveryMs)
  }
}

async function ping(machine: Machine): Promise<boolean> {
  const socket = await machine.openUnix(dockerSocket)
  socket.write('GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n')
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  await once(socket, 'close')
  return /^HTTP\/1\.[01] 200 /.test(answer)
}
