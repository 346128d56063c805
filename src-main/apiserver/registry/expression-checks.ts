/** Kinds that carry expressions, which only the server can compile: what is wrong with them as errors of fields. */
import type { Kind } from '../../api/define-kind.ts'
import type { FieldError } from '../../api/field-error.ts'
import { samePlain } from './plain.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { checkMutatingPolicy, checkValidatingPolicy } from '../admission/policies/check-policy.ts'
import { checkDefinitionRules } from '../custom-rules/check-definition.ts'
import { checkClaim, checkClaimTemplate, checkDeviceClass } from './device-selectors.ts'
import { resourceKey } from './keys.ts'

type Check = (object: DynamicObject, previous?: DynamicObject) => FieldError[]

/** By `group/plural`. */
const checks: ReadonlyMap<string, Check> = new Map([
  ['admissionregistration.k8s.io/validatingadmissionpolicies', checkValidatingPolicy],
  ['admissionregistration.k8s.io/mutatingadmissionpolicies', checkMutatingPolicy],
  ['apiextensions.k8s.io/customresourcedefinitions', checkDefinitionRules],
  ['resource.k8s.io/deviceclasses', checkDeviceClass],
  ['resource.k8s.io/resourceclaims', checkClaim],
  ['resource.k8s.io/resourceclaimtemplates', checkClaimTemplate],
])

/** What is stored already may stay, even if it would not compile today. */
export function expressionErrors(kind: Kind, object: DynamicObject, previous?: DynamicObject): FieldError[] {
  const check = checks.get(resourceKey(kind))
  if (check === undefined || (previous !== undefined && samePlain(object['spec'], previous['spec']))) return []
  return check(object, previous)
}
