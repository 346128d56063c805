// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, ObjectMeta, Time } from './meta-v1.ts'

export interface CrossVersionObjectReference {
  apiVersion?: string
  kind: string
  name: string
}

export interface HorizontalPodAutoscaler {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: HorizontalPodAutoscalerSpec
  status?: HorizontalPodAutoscalerStatus
}

export interface HorizontalPodAutoscalerList {
  apiVersion?: string
  items: HorizontalPodAutoscaler[]
  kind?: string
  metadata?: ListMeta
}

export interface HorizontalPodAutoscalerSpec {
  maxReplicas: number
  minReplicas?: number
  scaleTargetRef: CrossVersionObjectReference
  targetCPUUtilizationPercentage?: number
}

export interface HorizontalPodAutoscalerStatus {
  currentCPUUtilizationPercentage?: number
  currentReplicas: number
  desiredReplicas: number
  lastScaleTime?: Time
  observedGeneration?: number
}

export interface Scale {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ScaleSpec
  status?: ScaleStatus
}

export interface ScaleSpec {
  replicas?: number
}

export interface ScaleStatus {
  replicas: number
  selector?: string
}
