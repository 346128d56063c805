// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, MicroTime, ObjectMeta } from './meta-v1.ts'

export interface Lease {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: LeaseSpec
}

export interface LeaseList {
  apiVersion?: string
  items: Lease[]
  kind?: string
  metadata?: ListMeta
}

export interface LeaseSpec {
  acquireTime?: MicroTime
  holderIdentity?: string
  leaseDurationSeconds?: number
  leaseTransitions?: number
  preferredHolder?: string
  renewTime?: MicroTime
  strategy?: string
}
