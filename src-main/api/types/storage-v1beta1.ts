// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, ObjectMeta } from './meta-v1.ts'

export interface VolumeAttributesClass {
  apiVersion?: string
  driverName: string
  kind?: string
  metadata?: ObjectMeta
  parameters?: Record<string, string>
}

export interface VolumeAttributesClassList {
  apiVersion?: string
  items: VolumeAttributesClass[]
  kind?: string
  metadata?: ListMeta
}
