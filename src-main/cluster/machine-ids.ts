import type { Machine } from '../machines/machine.ts'

export interface MachineIds {
  /** 32 hexadecimal digits, given to the machine once. */
  readonly machineId?: string
  /** A UUID of this boot of the machine's kernel. */
  readonly bootId?: string
}

/** From the text of /etc/machine-id and of the kernel's boot_id behind it; what is not there is left out. */
export function parseMachineIds(text: string): MachineIds {
  const words = text.split(/\s+/)
  const machineId = words.find((word) => /^[0-9a-f]{32}$/.test(word))
  const bootId = words.find((word) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(word))
  return { ...(machineId === undefined ? {} : { machineId }), ...(bootId === undefined ? {} : { bootId }) }
}

export async function readMachineIds(machine: Machine): Promise<MachineIds> {
  const { stdout } = await machine.exec(['cat', '/etc/machine-id', '/proc/sys/kernel/random/boot_id'])
  return parseMachineIds(stdout)
}
