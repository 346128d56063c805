// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { Condition, ListMeta, MicroTime, ObjectMeta } from './meta-v1.ts'
import type { Quantity } from './scalars.ts'

export interface Lab {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: LabSpec
  status?: LabStatus
}

export interface LabList {
  apiVersion?: string
  kind?: string
  metadata?: ListMeta
  items: Lab[]
}

export interface LabSpec {
  provider: string
  workers: number
  proxyMode?: string
  power?: string
}

export interface LabStatus {
  phase?: string
  message?: string
  readyWorkers?: number
  conditions?: Condition[]
}

export interface Machine {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: MachineSpec
  status?: MachineStatus
}

export interface MachineList {
  apiVersion?: string
  kind?: string
  metadata?: ListMeta
  items: Machine[]
}

export interface MachineSpec {
  provider: string
  address: string
  cpus: number
  memory: Quantity
  power?: string
}

export interface MachineStatus {
  phase?: string
  message?: string
  connected?: boolean
  steps?: MachineStep[]
  conditions?: Condition[]
}

export interface MachineStep {
  name: string
  state: string
  startedAt: MicroTime
  finishedAt?: MicroTime
  message?: string
}
