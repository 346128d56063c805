// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { FieldSelectorRequirement, LabelSelectorRequirement, ObjectMeta } from './meta-v1.ts'

export interface FieldSelectorAttributes {
  rawSelector?: string
  requirements?: FieldSelectorRequirement[]
}

export interface LabelSelectorAttributes {
  rawSelector?: string
  requirements?: LabelSelectorRequirement[]
}

export interface LocalSubjectAccessReview {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: SubjectAccessReviewSpec
  status?: SubjectAccessReviewStatus
}

export interface NonResourceAttributes {
  path?: string
  verb?: string
}

export interface NonResourceRule {
  nonResourceURLs?: string[]
  verbs: string[]
}

export interface ResourceAttributes {
  fieldSelector?: FieldSelectorAttributes
  group?: string
  labelSelector?: LabelSelectorAttributes
  name?: string
  namespace?: string
  resource?: string
  subresource?: string
  verb?: string
  version?: string
}

export interface ResourceRule {
  apiGroups?: string[]
  resourceNames?: string[]
  resources?: string[]
  verbs: string[]
}

export interface SelfSubjectAccessReview {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: SelfSubjectAccessReviewSpec
  status?: SubjectAccessReviewStatus
}

export interface SelfSubjectAccessReviewSpec {
  nonResourceAttributes?: NonResourceAttributes
  resourceAttributes?: ResourceAttributes
}

export interface SelfSubjectRulesReview {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: SelfSubjectRulesReviewSpec
  status?: SubjectRulesReviewStatus
}

export interface SelfSubjectRulesReviewSpec {
  namespace?: string
}

export interface SubjectAccessReview {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: SubjectAccessReviewSpec
  status?: SubjectAccessReviewStatus
}

export interface SubjectAccessReviewSpec {
  extra?: Record<string, string[]>
  groups?: string[]
  nonResourceAttributes?: NonResourceAttributes
  resourceAttributes?: ResourceAttributes
  uid?: string
  user?: string
}

export interface SubjectAccessReviewStatus {
  allowed: boolean
  denied?: boolean
  evaluationError?: string
  reason?: string
}

export interface SubjectRulesReviewStatus {
  evaluationError?: string
  incomplete: boolean
  nonResourceRules: NonResourceRule[]
  resourceRules: ResourceRule[]
}
