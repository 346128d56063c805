// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, ObjectMeta } from './meta-v1.ts'

export interface PriorityClass {
  apiVersion?: string
  description?: string
  globalDefault?: boolean
  kind?: string
  metadata?: ObjectMeta
  preemptionPolicy?: string
  value?: number
}

export interface PriorityClassList {
  apiVersion?: string
  items: PriorityClass[]
  kind?: string
  metadata?: ListMeta
}
