/** What a lab's machines should be, and what the lab's status says of them. Pure. */
import { ownerReference, isControlledBy } from '../api/meta/owner-references.ts'
import type { Live } from '../api/meta/object.ts'
import { lab as labKind } from '../api/kinds/lab/lab.ts'
import type { Lab, LabStatus, Machine } from '../api/types/lab-v1.ts'

/** Holds a machine's object until its worker is gone from the host. */
export const machineFinalizer = 'lab.orrery.dev/machine'

export interface WorkerSize {
  readonly cpus: number
  readonly memory: string
}

export interface LabPlan {
  readonly create: readonly Machine[]
  readonly remove: readonly string[]
  /** Machines whose power differs from the lab's. */
  readonly power: readonly { readonly name: string; readonly power: string }[]
}

const firstWorker = 10

export const workerName = (index: number): string => `worker-${index}`

/** The first ten addresses of the network are the host's; worker 1 has number 11. */
export function workerAddress(machinesCidr: string, index: number): string {
  const [network = '', length = '24'] = machinesCidr.split('/')
  const start = network.split('.').reduce((value, byte) => value * 256 + Number(byte), 0)
  const number = firstWorker + index
  if (number >= 2 ** (32 - Number(length)) - 1)
    throw new RangeError(`${machinesCidr} has no address for worker ${index}`)
  const address = start + number
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

/** `machines` are all that there are; those of other owners are left alone. */
export function planLab(
  lab: Live<Lab>,
  machines: readonly Live<Machine>[],
  machinesCidr: string,
  size: WorkerSize,
): LabPlan {
  const { provider = '', workers = 0, power = 'On' } = lab.spec ?? {}
  const taken = new Set(machines.map(({ metadata }) => metadata.name))
  const own = machines.filter(
    (machine) => isControlledBy(machine, lab) && machine.metadata.deletionTimestamp === undefined,
  )
  const wanted = lab.metadata.deletionTimestamp === undefined ? workers : 0
  const names = Array.from({ length: wanted }, (_, index) => workerName(index + 1))
  const create = names.flatMap((name, index): Machine[] =>
    taken.has(name)
      ? []
      : [
          {
            metadata: {
              name,
              finalizers: [machineFinalizer],
              ownerReferences: [ownerReference(lab, labKind)],
            },
            spec: { provider, address: workerAddress(machinesCidr, index + 1), power, ...size },
          },
        ],
  )
  const kept = new Set(names)
  return {
    create,
    remove: own.map(({ metadata }) => metadata.name).filter((name) => !kept.has(name)),
    power: own
      .filter((machine) => kept.has(machine.metadata.name) && (machine.spec?.power ?? 'On') !== power)
      .map(({ metadata }) => ({ name: metadata.name, power })),
  }
}

/** The status as it follows from the lab's machines. */
export function labStatus(lab: Live<Lab>, machines: readonly Live<Machine>[]): LabStatus {
  const own = machines.filter((machine) => isControlledBy(machine, lab))
  const phases = own.map(({ status }) => status?.phase ?? 'Pending')
  const count = (...wanted: string[]): number => phases.filter((phase) => wanted.includes(phase)).length
  const readyWorkers = count('Ready')
  const workers = lab.spec?.workers ?? 0
  if (lab.spec?.power === 'Off') {
    const running = own.length - count('Stopped', 'Pending')
    return {
      phase: 'Off',
      readyWorkers,
      message: running === 0 ? 'All workers are off.' : `${running} workers still run.`,
    }
  }
  const troubled = own.find(({ status }) => status?.phase === 'Failed' || status?.phase === 'Lost')
  const progress = `${readyWorkers} of ${workers} workers are ready.`
  if (troubled !== undefined) {
    const message = `${progress} ${troubled.metadata.name}: ${troubled.status?.message ?? 'no cause given'}`
    const phase = readyWorkers === 0 && count('Lost') === 0 ? 'Failed' : 'Degraded'
    return { phase, readyWorkers, message }
  }
  // One that is being started again still tells why.
  const again = own.find(({ status }) => status?.phase !== 'Ready' && status?.message !== undefined)
  return {
    phase: readyWorkers === workers && own.length === workers ? 'Ready' : 'Starting',
    readyWorkers,
    message: again === undefined ? progress : `${progress} ${again.metadata.name}: ${again.status?.message ?? ''}`,
  }
}
