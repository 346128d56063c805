// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, ObjectMeta, Time } from './meta-v1.ts'
import type { Quantity } from './scalars.ts'

export interface NodeMetrics {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  timestamp: Time
  window: string
  usage: Record<string, Quantity>
}

export interface NodeMetricsList {
  apiVersion?: string
  kind?: string
  metadata?: ListMeta
  items: NodeMetrics[]
}

export interface PodMetrics {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  timestamp: Time
  window: string
  containers: ContainerMetrics[]
}

export interface PodMetricsList {
  apiVersion?: string
  kind?: string
  metadata?: ListMeta
  items: PodMetrics[]
}

export interface ContainerMetrics {
  name: string
  usage: Record<string, Quantity>
}
