import { describe, expect, it } from 'vitest'
import { aContainer, aPod, aSandbox, seen } from '../../test/support/kubelet-builders.ts'
import { silentLog } from '../lib/log.ts'
import { seededRandom } from '../lib/random.ts'
import { VirtualClock } from '../lib/virtual-clock.ts'
import { MachineError } from '../machines/machine.ts'
import { groupContainers, note } from './pod-containers.ts'
import { noFiles } from './pod-files.ts'
import { createSimulatedRuntime } from './runtime/simulated.ts'
import { TerminationMessages } from './termination-messages.ts'

const path = '/pods/uid-1/containers/web/0'
const ended = seen({ state: 'exited', exitCode: 1 })
const containers = groupContainers([aSandbox(), { ...ended, notes: { ...ended.notes, [note.terminationLog]: path } }])

/** `read`: what each reading of the log gives or throws, the last for ever. */
function collector(...read: (string | Error)[]): {
  messages: TerminationMessages
  clock: VirtualClock
  collect(): void
} {
  const clock = new VirtualClock()
  const files = {
    ...noFiles,
    read: () => {
      const [next = ''] = read.length > 1 ? read.splice(0, 1) : read
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
    },
  }
  const runtime = createSimulatedRuntime({ clock, random: seededRandom(1) })
  const messages = new TerminationMessages({ clock, files, runtime, log: silentLog }, () => undefined)
  return { messages, clock, collect: () => messages.collect(aPod({ containers: [aContainer()] }), containers) }
}

describe('the last words of containers', () => {
  it('are read once, of long ones the last 4096 bytes', async () => {
    const { messages, collect } = collector(`first${'ä'.repeat(2048)}`, 'another time')
    collect()
    expect(messages.pending).toBe(true)
    await messages.settled()
    collect()
    expect(messages.pending).toBe(false)
    expect(messages.known.get('web-0')).toBe('ä'.repeat(2048))
  })

  it('are read again when the worker could not be reached', async () => {
    const { messages, clock, collect } = collector(new MachineError('Unreachable', 'connection lost'), 'because')
    collect()
    await clock.advance(1000)
    expect(messages.known.size).toBe(0)
    collect()
    await messages.settled()
    expect(messages.known.get('web-0')).toBe('because')
  })

  it('do not keep back how the container ended when they cannot be read', async () => {
    const { messages, collect } = collector(new MachineError('Failed', 'cat: Is a directory'))
    collect()
    await messages.settled()
    expect(messages.pending).toBe(false)
    expect(messages.known.get('web-0')).toBe(`Error on reading termination log ${path}: cat: Is a directory`)
  })
})
