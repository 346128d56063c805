import type { Duplex } from 'node:stream'
import type { Clock } from '../lib/clock.ts'
import { MachineError, type Machine } from './machine.ts'

const dockerSocket = '/run/docker.sock'
const dockerLog = '/var/log/dockerd.log'
const tryEveryMs = 30
const answerWithinMs = 2_000

/** Resolves when the worker's Docker answers. Rejects with `Timeout` when it does not within `patienceMs`. */
export async function waitForDocker(machine: Machine, clock: Clock, patienceMs: number): Promise<void> {
  const deadline = clock.monotonic() + patienceMs
  for (;;) {
    let failure: unknown
    try {
      if (await ping(machine, clock)) return
    } catch (error) {
      failure = error
    }
    if (clock.monotonic() >= deadline) {
      const message = `${machine.name}: Docker does not answer${await lastWords(machine)}`
      throw new MachineError('Timeout', message, failure)
    }
    await clock.sleep(tryEveryMs)
  }
}

async function ping(machine: Machine, clock: Clock): Promise<boolean> {
  const socket = await machine.openUnix(dockerSocket)
  const timer = clock.after(answerWithinMs, () => socket.destroy())
  socket.write('GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n')
  const answer = await readAll(socket)
  void timer.dispose()
  return /^HTTP\/1\.[01] 200 /.test(answer)
}

function readAll(socket: Duplex): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    // What ends early is no answer: the text tells.
    socket.on('error', () => undefined)
    socket.once('close', () => resolve(text))
  })
}

/** Why Docker did not start, where a worker's own log tells. */
async function lastWords(machine: Machine): Promise<string> {
  try {
    const { stdout } = await machine.exec(['tail', '-n', '5', dockerLog], { timeoutMs: answerWithinMs })
    const words = stdout.split('\n').findLast((line) => line.trim() !== '' && !line.endsWith('starting it again'))
    return words === undefined ? '' : `: ${words.trim()}`
  } catch {
    // The cause that is known already says more than that the log cannot be read.
    return ''
  }
}
