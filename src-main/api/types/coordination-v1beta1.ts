// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, MicroTime, ObjectMeta } from './meta-v1.ts'

export interface LeaseCandidate {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: LeaseCandidateSpec
}

export interface LeaseCandidateList {
  apiVersion?: string
  items: LeaseCandidate[]
  kind?: string
  metadata?: ListMeta
}

export interface LeaseCandidateSpec {
  binaryVersion: string
  emulationVersion?: string
  leaseName: string
  pingTime?: MicroTime
  renewTime?: MicroTime
  strategy: string
}
