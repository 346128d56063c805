// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, ObjectMeta, Time } from './meta-v1.ts'

export interface ServerStorageVersion {
  apiServerID: string
  decodableVersions: string[]
  encodingVersion: string
  servedVersions?: string[]
}

export interface StorageVersion {
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
  spec?: StorageVersionSpec
  status?: StorageVersionStatus
}

export interface StorageVersionCondition {
  lastTransitionTime?: Time
  message: string
  observedGeneration?: number
  reason: string
  status: string
  type: string
}

export interface StorageVersionList {
  apiVersion?: string
  items: StorageVersion[]
  kind?: string
  metadata?: ListMeta
}

export type StorageVersionSpec = unknown

export interface StorageVersionStatus {
  commonEncodingVersion?: string
  conditions?: StorageVersionCondition[]
  storageVersions?: ServerStorageVersion[]
}
