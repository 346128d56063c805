/** What the kinds of admission policies say of themselves in every version. */
import type { KindDefinition } from '../../define-kind.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { validateConditions } from '../../meta/validate-conditions.ts'
import type { ValidatingAdmissionPolicy } from '../../types/admissionregistration-v1.ts'
import {
  defaultMutatingBinding,
  defaultMutatingPolicy,
  validateMutatingBinding,
  validateMutatingPolicy,
} from './mutating-policy-rules.ts'
import {
  defaultBinding,
  defaultValidatingPolicy,
  validateValidatingBinding,
  validateValidatingPolicy,
} from './validating-policy-rules.ts'

export type KindRules = Pick<
  KindDefinition<DynamicObject>,
  'defaults' | 'validate' | 'validateStatus' | 'updatesNeedVersion'
>

/** Keyed by `plural.group`. */
export const policyRules: Readonly<Record<string, KindRules>> = {
  'mutatingadmissionpolicies.admissionregistration.k8s.io': {
    updatesNeedVersion: true,
    defaults: defaultMutatingPolicy as KindRules['defaults'],
    validate: validateMutatingPolicy as KindRules['validate'],
  },
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': {
    updatesNeedVersion: true,
    defaults: defaultMutatingBinding as KindRules['defaults'],
    validate: validateMutatingBinding as KindRules['validate'],
  },
  'validatingadmissionpolicies.admissionregistration.k8s.io': {
    updatesNeedVersion: true,
    defaults: defaultValidatingPolicy as KindRules['defaults'],
    validate: validateValidatingPolicy as KindRules['validate'],
    validateStatus: ({ status }: ValidatingAdmissionPolicy) =>
      validateConditions(status?.conditions, 'status.conditions'),
  },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': {
    updatesNeedVersion: true,
    defaults: defaultBinding as KindRules['defaults'],
    validate: validateValidatingBinding as unknown as KindRules['validate'],
  },
}
