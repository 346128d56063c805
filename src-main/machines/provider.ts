/** A provider makes workers and takes them away again. Every provider's folder holds files of the same names. */
import type { Machine } from './machine.ts'

export interface MachineSpec {
  /** Unique in the lab; a DNS label. */
  readonly name: string
  /** The IPv4 address on the lab's network, given by the lab. */
  readonly address: string
  readonly cpus: number
  readonly memoryBytes: number
}

/** Where a provider keeps what it needs between runs: inside the lab's folder. */
export interface ProviderContext {
  readonly labFolder: string
  /** A short id of the lab, unique on this host: goes into the names of bridges, namespaces and cgroups. */
  readonly labId: string
  /** The CIDRs of the lab's network, of pods and of services. */
  readonly networks: { readonly machines: string; readonly pods: string; readonly services: string }
}

export type Availability =
  | { readonly available: true }
  /** `reason`: what is missing; `remedy`: what the user can do. */
  | { readonly available: false; readonly reason: string; readonly remedy: string }

/** Called as each step begins; the step ends when the next begins or the call returns. */
export type ReportStep = (step: string) => void

/** The step from which on a worker counts as connecting. */
export const connectStep = 'Connect by SSH'

export interface MachineProvider {
  readonly name: string
  available(): Promise<Availability>
  /** Makes what must exist once, on disk; does nothing when it does already. */
  create(spec: MachineSpec, report: ReportStep): Promise<void>
  /** Boots the worker, or adopts it when it runs, and connects to it. */
  start(spec: MachineSpec, report: ReportStep): Promise<Machine>
  /** Shuts the worker down; its disk stays. */
  stop(name: string): Promise<void>
  /** Removes the worker and its disk. Also works on what a crash left half made. */
  destroy(name: string): Promise<void>
  /** The names of all workers that have left something on this host, also half made ones. */
  list(): Promise<readonly string[]>
  /** Removes what all workers shared, after the last one is gone. */
  cleanUp(): Promise<void>
}
