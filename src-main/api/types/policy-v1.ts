// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { Condition, DeleteOptions, LabelSelector, ListMeta, ObjectMeta, Time } from './meta-v1.ts'
import type { IntOrString } from './scalars.ts'

export interface Eviction {
  apiVersion?: string
  deleteOptions?: DeleteOptions
  kind?: string
  metadata?: ObjectMeta
}

export interface PodDisruptionBudget {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: PodDisruptionBudgetSpec
  status?: PodDisruptionBudgetStatus
}

export interface PodDisruptionBudgetList {
  apiVersion?: string
  items: PodDisruptionBudget[]
  kind?: string
  metadata?: ListMeta
}

export interface PodDisruptionBudgetSpec {
  maxUnavailable?: IntOrString
  minAvailable?: IntOrString
  selector?: LabelSelector
  unhealthyPodEvictionPolicy?: string
}

export interface PodDisruptionBudgetStatus {
  conditions?: Condition[]
  currentHealthy?: number
  desiredHealthy?: number
  disruptedPods?: Record<string, Time>
  disruptionsAllowed?: number
  expectedPods?: number
  observedGeneration?: number
}
