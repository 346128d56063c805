/** How fast an autoscaler may go, each way (KEP-853). */
import { invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import { checkEach } from '../../meta/field-checks.ts'
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from '../../types/autoscaling-v2.ts'
import { checkQuantity } from '../core/pod-spec/resources.ts'

const longestWindowSeconds = 3600
const longestPeriodSeconds = 1800
const doubled = { type: 'Percent', value: 100, periodSeconds: 15 }

/** What is left out of a behaviour that is given, in place: up at once, at most by four pods or twofold; down freely. */
export function defaultBehavior(draft: HorizontalPodAutoscalerBehavior | undefined): void {
  if (draft === undefined) return
  draft.scaleUp = {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { ...doubled }],
    ...draft.scaleUp,
  }
  draft.scaleDown = { selectPolicy: 'Max', policies: [{ ...doubled }], ...draft.scaleDown }
}

export function validateBehavior(behavior: HorizontalPodAutoscalerBehavior | undefined): FieldError[] {
  return (['scaleUp', 'scaleDown'] as const).flatMap((way) => validateRules(behavior?.[way], `spec.behavior.${way}`))
}

function validateRules(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (rules === undefined) return []
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules
  const ways = ['Disabled', 'Max', 'Min']
  const positive = (at: string, value: number): FieldError[] =>
    value > 0 ? [] : [invalid(at, value, 'must be greater than zero')]
  const atMost = (at: string, value: number | undefined, most: number): FieldError[] =>
    value !== undefined && value > most ? [invalid(at, value, `must be less than or equal to ${most}`)] : []
  return [
    ...(window !== undefined && window < 0
      ? [invalid(`${path}.stabilizationWindowSeconds`, window, 'must be greater than or equal to zero')]
      : []),
    ...atMost(`${path}.stabilizationWindowSeconds`, window, longestWindowSeconds),
    ...(selectPolicy === undefined || ways.includes(selectPolicy)
      ? []
      : [notSupported(`${path}.selectPolicy`, selectPolicy, ways)]),
    ...(policies.length === 0 ? [required(`${path}.policies`, 'must specify at least one Policy')] : []),
    ...checkEach(`${path}.policies`, policies, ({ type, value = 0, periodSeconds = 0 }, at) => [
      ...(type === 'Percent' || type === 'Pods' ? [] : [notSupported(`${at}.type`, type, ['Percent', 'Pods'])]),
      ...positive(`${at}.value`, value),
      ...positive(`${at}.periodSeconds`, periodSeconds),
      ...atMost(`${at}.periodSeconds`, periodSeconds, longestPeriodSeconds),
    ]),
    ...(tolerance === undefined ? [] : checkQuantity(`${path}.tolerance`, tolerance)),
  ]
}
