import { MachineError, type Machine } from '../../machine.ts'
import type { MachineSpec } from '../../provider.ts'

/**
 * A machine on which nothing runs. It is always connected; its ports can be listened on, though nobody will come; what
 * would need a real machine is refused with `Unsupported`.
 */
export function createSimulatedMachine({ name, address }: Pick<MachineSpec, 'name' | 'address'>): Machine {
  const refuse = (what: string) => (): Promise<never> =>
    Promise.reject(new MachineError('Unsupported', `${name} is simulated: it ${what}`))
  const nothing = { dispose: () => undefined }
  let nextPort = 30_000
  return {
    name,
    address,
    exec: refuse('runs no commands'),
    spawn: refuse('runs no commands'),
    openUnix: refuse('has no sockets'),
    openTcp: refuse('has no ports'),
    listenTcp: (port) => Promise.resolve({ port: port === 0 ? nextPort++ : port, ...nothing }),
    readFile: refuse('has no files'),
    writeFile: refuse('has no files'),
    onConnection: () => nothing,
    dispose: () => undefined,
  }
}
