// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { Condition, ListMeta, ObjectMeta, Time } from './meta-v1.ts'

export interface DeviceTaint {
  effect: string
  key: string
  timeAdded?: Time
  value?: string
}

export interface DeviceTaintRule {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: DeviceTaintRuleSpec
  status?: DeviceTaintRuleStatus
}

export interface DeviceTaintRuleList {
  apiVersion?: string
  items: DeviceTaintRule[]
  kind?: string
  metadata?: ListMeta
}

export interface DeviceTaintRuleSpec {
  deviceSelector?: DeviceTaintSelector
  taint: DeviceTaint
}

export interface DeviceTaintRuleStatus {
  conditions?: Condition[]
}

export interface DeviceTaintSelector {
  device?: string
  driver?: string
  pool?: string
}

export interface PoolStatus {
  allocatedDevices?: number
  availableDevices?: number
  driver: string
  generation: number
  nodeName?: string
  poolName: string
  resourceSliceCount?: number
  totalDevices?: number
  unavailableDevices?: number
  validationError?: string
}

export interface ResourcePoolStatusRequest {
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
  spec: ResourcePoolStatusRequestSpec
  status?: ResourcePoolStatusRequestStatus
}

export interface ResourcePoolStatusRequestList {
  apiVersion?: string
  items: ResourcePoolStatusRequest[]
  kind?: string
  metadata?: ListMeta
}

export interface ResourcePoolStatusRequestSpec {
  driver: string
  limit?: number
  poolName?: string
}

export interface ResourcePoolStatusRequestStatus {
  conditions?: Condition[]
  poolCount: number
  pools?: PoolStatus[]
}
