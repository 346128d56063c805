/** What the kinds of priority and fairness say of themselves. */
import type { KindRules } from '../admissionregistration/policy-rules.ts'
import { validateConditions } from './condition-rules.ts'
import { defaultFlowSchema, validateFlowSchema } from './flow-schema-rules.ts'
import { defaultPriorityLevel, validatePriorityLevel } from './priority-level-rules.ts'

/** Keyed by `plural.group`. */
export const flowControlRules: Readonly<Record<string, KindRules>> = {
  'flowschemas.flowcontrol.apiserver.k8s.io': {
    defaults: defaultFlowSchema as KindRules['defaults'],
    validate: validateFlowSchema as KindRules['validate'],
    validateStatus: validateConditions as KindRules['validateStatus'],
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': {
    defaults: defaultPriorityLevel as KindRules['defaults'],
    validate: validatePriorityLevel as KindRules['validate'],
    validateStatus: validateConditions as KindRules['validateStatus'],
  },
}
