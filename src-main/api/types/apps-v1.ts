// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { IntOrString, RawExtension } from './scalars.ts'
import type { LabelSelector, ListMeta, ObjectMeta, Time } from './meta-v1.ts'
import type { PersistentVolumeClaim, PodTemplateSpec } from './core-v1.ts'

export interface ControllerRevision {
  apiVersion?: string
  data?: RawExtension
  kind?: string
  metadata?: ObjectMeta
  revision: number
}

export interface ControllerRevisionList {
  apiVersion?: string
  items: ControllerRevision[]
  kind?: string
  metadata?: ListMeta
}

export interface DaemonSet {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: DaemonSetSpec
  status?: DaemonSetStatus
}

export interface DaemonSetCondition {
  lastTransitionTime?: Time
  message?: string
  reason?: string
  status: string
  type: string
}

export interface DaemonSetList {
  apiVersion?: string
  items: DaemonSet[]
  kind?: string
  metadata?: ListMeta
}

export interface DaemonSetSpec {
  minReadySeconds?: number
  revisionHistoryLimit?: number
  selector: LabelSelector
  template: PodTemplateSpec
  updateStrategy?: DaemonSetUpdateStrategy
}

export interface DaemonSetStatus {
  collisionCount?: number
  conditions?: DaemonSetCondition[]
  currentNumberScheduled: number
  desiredNumberScheduled: number
  numberAvailable?: number
  numberMisscheduled: number
  numberReady: number
  numberUnavailable?: number
  observedGeneration?: number
  updatedNumberScheduled?: number
}

export interface DaemonSetUpdateStrategy {
  rollingUpdate?: RollingUpdateDaemonSet
  type?: string
}

export interface Deployment {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: DeploymentSpec
  status?: DeploymentStatus
}

export interface DeploymentCondition {
  lastTransitionTime?: Time
  lastUpdateTime?: Time
  message?: string
  reason?: string
  status: string
  type: string
}

export interface DeploymentList {
  apiVersion?: string
  items: Deployment[]
  kind?: string
  metadata?: ListMeta
}

export interface DeploymentSpec {
  minReadySeconds?: number
  paused?: boolean
  progressDeadlineSeconds?: number
  replicas?: number
  revisionHistoryLimit?: number
  selector: LabelSelector
  strategy?: DeploymentStrategy
  template: PodTemplateSpec
}

export interface DeploymentStatus {
  availableReplicas?: number
  collisionCount?: number
  conditions?: DeploymentCondition[]
  observedGeneration?: number
  readyReplicas?: number
  replicas?: number
  terminatingReplicas?: number
  unavailableReplicas?: number
  updatedReplicas?: number
}

export interface DeploymentStrategy {
  rollingUpdate?: RollingUpdateDeployment
  type?: string
}

export interface ReplicaSet {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ReplicaSetSpec
  status?: ReplicaSetStatus
}

export interface ReplicaSetCondition {
  lastTransitionTime?: Time
  message?: string
  reason?: string
  status: string
  type: string
}

export interface ReplicaSetList {
  apiVersion?: string
  items: ReplicaSet[]
  kind?: string
  metadata?: ListMeta
}

export interface ReplicaSetSpec {
  minReadySeconds?: number
  replicas?: number
  selector: LabelSelector
  template?: PodTemplateSpec
}

export interface ReplicaSetStatus {
  availableReplicas?: number
  conditions?: ReplicaSetCondition[]
  fullyLabeledReplicas?: number
  observedGeneration?: number
  readyReplicas?: number
  replicas: number
  terminatingReplicas?: number
}

export interface RollingUpdateDaemonSet {
  maxSurge?: IntOrString
  maxUnavailable?: IntOrString
}

export interface RollingUpdateDeployment {
  maxSurge?: IntOrString
  maxUnavailable?: IntOrString
}

export interface RollingUpdateStatefulSetStrategy {
  maxUnavailable?: IntOrString
  partition?: number
}

export interface StatefulSet {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: StatefulSetSpec
  status?: StatefulSetStatus
}

export interface StatefulSetCondition {
  lastTransitionTime?: Time
  message?: string
  reason?: string
  status: string
  type: string
}

export interface StatefulSetList {
  apiVersion?: string
  items: StatefulSet[]
  kind?: string
  metadata?: ListMeta
}

export interface StatefulSetOrdinals {
  start?: number
}

export interface StatefulSetPersistentVolumeClaimRetentionPolicy {
  whenDeleted?: string
  whenScaled?: string
}

export interface StatefulSetSpec {
  minReadySeconds?: number
  ordinals?: StatefulSetOrdinals
  persistentVolumeClaimRetentionPolicy?: StatefulSetPersistentVolumeClaimRetentionPolicy
  podManagementPolicy?: string
  replicas?: number
  revisionHistoryLimit?: number
  selector: LabelSelector
  serviceName?: string
  template: PodTemplateSpec
  updateStrategy?: StatefulSetUpdateStrategy
  volumeClaimTemplates?: PersistentVolumeClaim[]
}

export interface StatefulSetStatus {
  availableReplicas?: number
  collisionCount?: number
  conditions?: StatefulSetCondition[]
  currentReplicas?: number
  currentRevision?: string
  observedGeneration?: number
  readyReplicas?: number
  replicas: number
  updateRevision?: string
  updatedReplicas?: number
}

export interface StatefulSetUpdateStrategy {
  rollingUpdate?: RollingUpdateStatefulSetStrategy
  type?: string
}
