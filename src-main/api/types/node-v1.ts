// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { Quantity } from './scalars.ts'
import type { ListMeta, ObjectMeta } from './meta-v1.ts'
import type { Toleration } from './core-v1.ts'

export interface Overhead {
  podFixed?: Record<string, Quantity>
}

export interface RuntimeClass {
  apiVersion?: string
  handler: string
  kind?: string
  metadata?: ObjectMeta
  overhead?: Overhead
  scheduling?: Scheduling
}

export interface RuntimeClassList {
  apiVersion?: string
  items: RuntimeClass[]
  kind?: string
  metadata?: ListMeta
}

export interface Scheduling {
  nodeSelector?: Record<string, string>
  tolerations?: Toleration[]
}
