// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, ObjectMeta } from './meta-v1.ts'

export interface ClusterTrustBundle {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: ClusterTrustBundleSpec
}

export interface ClusterTrustBundleList {
  apiVersion?: string
  items: ClusterTrustBundle[]
  kind?: string
  metadata?: ListMeta
}

export interface ClusterTrustBundleSpec {
  signerName?: string
  trustBundle: string
}
