// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { ObjectMeta, Time } from './meta-v1.ts'

export interface BoundObjectReference {
  apiVersion?: string
  kind?: string
  name?: string
  uid?: string
}

export interface SelfSubjectReview {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  status?: SelfSubjectReviewStatus
}

export interface SelfSubjectReviewStatus {
  userInfo?: UserInfo
}

export interface TokenRequest {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: TokenRequestSpec
  status?: TokenRequestStatus
}

export interface TokenRequestSpec {
  audiences?: string[]
  boundObjectRef?: BoundObjectReference
  expirationSeconds?: number
}

export interface TokenRequestStatus {
  expirationTimestamp?: Time
  token?: string
}

export interface TokenReview {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: TokenReviewSpec
  status?: TokenReviewStatus
}

export interface TokenReviewSpec {
  audiences?: string[]
  token: string
}

export interface TokenReviewStatus {
  audiences?: string[]
  authenticated?: boolean
  error?: string
  user?: UserInfo
}

export interface UserInfo {
  extra?: Record<string, string[]>
  groups?: string[]
  uid?: string
  username?: string
}
