/** Whether a quota counts an object at all. */
import type { DynamicObject } from '../meta/object.ts'
import type { ResourceQuota } from '../types/core-v1.ts'
import type { Evaluator, ScopeRequirement } from './evaluator.ts'

/** Every scope must hold: those that are only named, and those with an operator. */
export function scopesOf({ spec }: ResourceQuota): ScopeRequirement[] {
  return [
    ...(spec?.scopes ?? []).map((scope) => ({ scope, operator: 'Exists', values: [] })),
    ...(spec?.scopeSelector?.matchExpressions ?? []).map(({ scopeName, operator, values = [] }) => ({
      scope: scopeName,
      operator,
      values,
    })),
  ]
}

export function isInScope(quota: ResourceQuota, evaluator: Evaluator, object: DynamicObject): boolean {
  return scopesOf(quota).every((requirement) => evaluator.inScope?.(object, requirement) === true)
}
