import { tooMany, type FieldError } from '../../field-error.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { validateConditions } from '../../meta/validate-conditions.ts'
import type { DeviceTaintRule, DeviceTaintSelector } from '../../types/resource-v1beta2.ts'
import { checkDriverName } from '../core/volume-sources/driver-source.ts'
import { checkLabelName, checkPoolName } from './device-names.ts'
import { validateDeviceTaint } from './device-taints.ts'

const mostConditions = 8

const asRule = (object: DynamicObject): DeviceTaintRule => object as unknown as DeviceTaintRule

function validateSpec(object: DynamicObject, previous?: DynamicObject): FieldError[] {
  const { spec } = asRule(object)
  const before = previous === undefined ? undefined : (asRule(previous).spec?.taint ?? {})
  return [
    ...validateSelector(spec?.deviceSelector, 'spec.deviceSelector'),
    ...validateDeviceTaint(spec?.taint, 'spec.taint', before),
  ]
}

function validateSelector({ driver, pool, device }: DeviceTaintSelector = {}, path: string): FieldError[] {
  return [
    ...(driver === undefined ? [] : checkDriverName(`${path}.driver`, driver)),
    ...(pool === undefined ? [] : checkPoolName(`${path}.pool`, pool)),
    ...(device === undefined ? [] : checkLabelName(`${path}.device`, device)),
  ]
}

/** A taint for all devices that the rule selects. */
export const deviceTaintRuleRules = {
  validateNew: (object: DynamicObject): FieldError[] => validateSpec(object),
  validateUpdate: validateSpec,
  validateStatus(object: DynamicObject): FieldError[] {
    const conditions = asRule(object).status?.conditions
    const count = conditions?.length ?? 0
    const path = 'status.conditions'
    return [
      ...validateConditions(conditions, path),
      ...(count > mostConditions ? [tooMany(path, count, mostConditions)] : []),
    ]
  },
}
