// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ListMeta, ObjectMeta, Time } from './meta-v1.ts'

export interface CertificateSigningRequest {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: CertificateSigningRequestSpec
  status?: CertificateSigningRequestStatus
}

export interface CertificateSigningRequestCondition {
  lastTransitionTime?: Time
  lastUpdateTime?: Time
  message?: string
  reason?: string
  status: string
  type: string
}

export interface CertificateSigningRequestList {
  apiVersion?: string
  items: CertificateSigningRequest[]
  kind?: string
  metadata?: ListMeta
}

export interface CertificateSigningRequestSpec {
  expirationSeconds?: number
  extra?: Record<string, string[]>
  groups?: string[]
  request: string
  signerName: string
  uid?: string
  usages?: string[]
  username?: string
}

export interface CertificateSigningRequestStatus {
  certificate?: string
  conditions?: CertificateSigningRequestCondition[]
}
