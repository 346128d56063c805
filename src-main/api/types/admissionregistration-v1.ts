// Generated from the schema data by scripts/generate-types.ts; do not edit.
import type { Condition, LabelSelector, ListMeta, ObjectMeta } from './meta-v1.ts'

export interface ApplyConfiguration {
  expression?: string
}

export interface AuditAnnotation {
  key: string
  valueExpression: string
}

export interface ExpressionWarning {
  fieldRef: string
  warning: string
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

export interface MutatingWebhook {
  admissionReviewVersions: string[]
  clientConfig: WebhookClientConfig
  failurePolicy?: string
  matchConditions?: MatchCondition[]
  matchPolicy?: string
  name: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  reinvocationPolicy?: string
  rules?: RuleWithOperations[]
  sideEffects: string
  timeoutSeconds?: number
}

export interface MutatingWebhookConfiguration {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  webhooks?: MutatingWebhook[]
}

export interface MutatingWebhookConfigurationList {
  apiVersion?: string
  items: MutatingWebhookConfiguration[]
  kind?: string
  metadata?: ListMeta
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

export interface RuleWithOperations {
  apiGroups?: string[]
  apiVersions?: string[]
  operations?: string[]
  resources?: string[]
  scope?: string
}

export interface ServiceReference {
  name: string
  namespace: string
  path?: string
  port?: number
}

export interface TypeChecking {
  expressionWarnings?: ExpressionWarning[]
}

export interface ValidatingAdmissionPolicy {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec?: ValidatingAdmissionPolicySpec
  status?: ValidatingAdmissionPolicyStatus
}

export interface ValidatingAdmissionPolicyBinding {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  spec: ValidatingAdmissionPolicyBindingSpec
}

export interface ValidatingAdmissionPolicyBindingList {
  apiVersion?: string
  items: ValidatingAdmissionPolicyBinding[]
  kind?: string
  metadata?: ListMeta
}

export interface ValidatingAdmissionPolicyBindingSpec {
  matchResources?: MatchResources
  paramRef?: ParamRef
  policyName: string
  validationActions: string[]
}

export interface ValidatingAdmissionPolicyList {
  apiVersion?: string
  items: ValidatingAdmissionPolicy[]
  kind?: string
  metadata?: ListMeta
}

export interface ValidatingAdmissionPolicySpec {
  auditAnnotations?: AuditAnnotation[]
  failurePolicy?: string
  matchConditions?: MatchCondition[]
  matchConstraints?: MatchResources
  paramKind?: ParamKind
  validations?: Validation[]
  variables?: Variable[]
}

export interface ValidatingAdmissionPolicyStatus {
  conditions?: Condition[]
  observedGeneration?: number
  typeChecking?: TypeChecking
}

export interface ValidatingWebhook {
  admissionReviewVersions: string[]
  clientConfig: WebhookClientConfig
  failurePolicy?: string
  matchConditions?: MatchCondition[]
  matchPolicy?: string
  name: string
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  rules?: RuleWithOperations[]
  sideEffects: string
  timeoutSeconds?: number
}

export interface ValidatingWebhookConfiguration {
  apiVersion?: string
  kind?: string
  metadata?: ObjectMeta
  webhooks?: ValidatingWebhook[]
}

export interface ValidatingWebhookConfigurationList {
  apiVersion?: string
  items: ValidatingWebhookConfiguration[]
  kind?: string
  metadata?: ListMeta
}

export interface Validation {
  expression: string
  message?: string
  messageExpression?: string
  reason?: string
}

export interface Variable {
  expression: string
  name: string
}

export interface WebhookClientConfig {
  caBundle?: string
  service?: ServiceReference
  url?: string
}
