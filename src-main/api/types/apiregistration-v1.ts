// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, ObjectMeta, Time } from './meta-v1.ts'

export interface APIService {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: APIServiceSpec
  status?: APIServiceStatus
}

export interface APIServiceCondition {
  lastTransitionTime?: Time
  message?: string
  reason?: string
  status: string
  type: string
}

export interface APIServiceList {
  apiVersion?: string
  items: APIService[]
  kind?: string
  metadata?: ListMeta
}

export interface APIServiceSpec {
  caBundle?: string
  group?: string
  groupPriorityMinimum: number
  insecureSkipTLSVerify?: boolean
  service?: ServiceReference
  version?: string
  versionPriority: number
}

export interface APIServiceStatus {
  conditions?: APIServiceCondition[]
}

export interface ServiceReference {
  name?: string
  namespace?: string
  port?: number
}
