// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { LabelSelector, ListMeta, ObjectMeta } from './meta-v1.ts'

export interface ApplyConfiguration {
  expression?: string
}

export interface JSONPatch {
  expression?: string
}

export interface MatchCondition {
  expression: string
  name: string
}

export interface MatchResources {
  excludeResourceRules?: NamedRuleWithOperations[]
  matchPolicy?: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  resourceRules?: NamedRuleWithOperations[]
}

export interface MutatingAdmissionPolicy {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: MutatingAdmissionPolicySpec
}

export interface MutatingAdmissionPolicyBinding {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: MutatingAdmissionPolicyBindingSpec
}

export interface MutatingAdmissionPolicyBindingList {
  apiVersion?: string
  items: MutatingAdmissionPolicyBinding[]
  kind?: string
  metadata?: ListMeta
}

export interface MutatingAdmissionPolicyBindingSpec {
  matchResources?: MatchResources
  paramRef?: ParamRef
  policyName?: string
}

export interface MutatingAdmissionPolicyList {
  apiVersion?: string
  items: MutatingAdmissionPolicy[]
  kind?: string
  metadata?: ListMeta
}

export interface MutatingAdmissionPolicySpec {
  failurePolicy?: string
  matchConditions?: MatchCondition[]
  matchConstraints?: MatchResources
  mutations?: Mutation[]
  paramKind?: ParamKind
  reinvocationPolicy?: string
  variables?: Variable[]
}

export interface Mutation {
  applyConfiguration?: ApplyConfiguration
  jsonPatch?: JSONPatch
  patchType: string
}

export interface NamedRuleWithOperations {
  apiGroups?: string[]
  apiVersions?: string[]
  operations?: string[]
  resourceNames?: string[]
  resources?: string[]
  scope?: string
}

export interface ParamKind {
  apiVersion?: string
  kind?: string
}

export interface ParamRef {
  name?: string
  namespace?: string
  parameterNotFoundAction?: string
  selector?: LabelSelector
}

export interface Variable {
  expression: string
  name: string
}
