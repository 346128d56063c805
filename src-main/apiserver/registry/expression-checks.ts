/** Kinds that carry expressions, which only the server can compile: what is wrong with them as errors of fields. */
import type { Kind } from '../../api/define-kind.ts'
import { invalid, type FieldError } from '../../api/field-error.ts'
import { inSlices, type NextTurn, type Sliced } from '../../lib/sliced.ts'
import { samePlain } from './plain.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import { checkMutatingPolicy, checkValidatingPolicy } from '../admission/policies/check-policy.ts'
import { checkDefinitionRules } from '../custom-rules/check-definition.ts'
import { checkClaim, checkClaimTemplate, checkDeviceClass } from './device-selectors.ts'
import { sliceUnits } from '../cel/evaluation/meter.ts'
import { resourceKey } from './keys.ts'

type Check = (object: DynamicObject, previous?: DynamicObject) => FieldError[] | Sliced<FieldError[]>

/** By `group/plural`. */
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['admissionregistration.k8s.io/validatingadmissionpolicies', checkValidatingPolicy],
  ['admissionregistration.k8s.io/mutatingadmissionpolicies', checkMutatingPolicy],
  ['apiextensions.k8s.io/customresourcedefinitions', checkDefinitionRules],
  ['resource.k8s.io/deviceclasses', checkDeviceClass],
  ['resource.k8s.io/resourceclaims', checkClaim],
  ['resource.k8s.io/resourceclaimtemplates', checkClaimTemplate],
])

/**
 * What is wrong with, or by, the expressions of a kind. What is stored already may stay, even if it would not compile
 * today. `isValid`: nothing else is wrong with the object; only then can rules be asked about it.
 */
export function expressionErrors(
  { kind, nextTurn, isValid }: { readonly kind: Kind; readonly nextTurn: NextTurn; readonly isValid: boolean },
  object: DynamicObject,
  previous?: DynamicObject,
): readonly FieldError[] | Promise<readonly FieldError[]> {
  const rules = kind.custom?.rules
  if (rules !== undefined) return isValid ? inSlices(rules(object, previous), sliceUnits, nextTurn) : [unchecked]
  const check = checks.get(resourceKey(kind))
  if (check === undefined || (previous !== undefined && samePlain(object['spec'], previous['spec']))) return []
  const result = check(object, previous)
  return Array.isArray(result) ? result : inSlices(result, sliceUnits, nextTurn)
}

/** Rules expect values of the right types and sizes. */
const unchecked = invalid(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
)
