import type { AdmissionPlugin } from './admission.ts'
import {
  certificateApproval,
  certificateRequestor,
  certificateSigning,
  certificateSubjectRestriction,
  clusterTrustBundleAttest,
} from './certificates.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { limitRanger } from './limit-ranger.ts'
import { mutatingAdmissionWebhook } from './mutating-admission-webhook.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { nodeRestriction } from './node-restriction.ts'
import { mutatingAdmissionPolicy } from './policies/mutating-admission-policy.ts'
import { validatingAdmissionPolicy } from './policies/validating-admission-policy.ts'
import { priority } from './priority.ts'
import { resourceQuota } from './resource-quota.ts'
import { roleEscalation } from './role-escalation.ts'
import { serviceAccount } from './service-account.ts'
import { validatingAdmissionWebhook } from './validating-admission-webhook.ts'
import { webhookConditions } from './webhook-conditions.ts'

/** In the order in which they run. */
export const admissionPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  roleEscalation,
  certificateRequestor,
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  clusterTrustBundleAttest,
  priority,
  defaultTolerationSeconds,
  webhookConditions,
  mutatingAdmissionPolicy,
  mutatingAdmissionWebhook,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
  resourceQuota,
]
