import { invalid, type FieldError } from '../../field-error.ts'
import { sameValue } from '../../meta/field-checks.ts'
import { qualifiedNameProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import type { DeviceClass } from '../../types/resource-v1.ts'
import { validateSelectors } from './device-claim.ts'
import { mostConfigurations, validateConfiguration } from './device-configuration.ts'
import { checkList } from './limited-lists.ts'

const specOf = (object: DynamicObject): Partial<DeviceClass['spec']> => (object as unknown as DeviceClass).spec ?? {}

/** `previous`: configuration that stays as it was may be longer than what is new. */
function validateSpec(object: DynamicObject, previous?: DynamicObject): FieldError[] {
  const { selectors, config, extendedResourceName: name } = specOf(object)
  const stored = previous !== undefined && sameValue(config, specOf(previous).config)
  const path = 'spec.extendedResourceName'
  return [
    ...validateSelectors(selectors, 'spec.selectors'),
    ...checkList('spec.config', config, mostConfigurations, (one, at) => validateConfiguration(one, at, stored)),
    ...(name === undefined || isExtendedResource(name)
      ? []
      : [invalid(path, name, 'must be a valid extended resource name')]),
  ]
}

/** Of a domain that is not Kubernetes' own, and such that a quota can speak of requests for it. */
const isExtendedResource = (name: string): boolean =>
  name.includes('/') &&
  !name.includes('kubernetes.io/') &&
  !name.startsWith('requests.') &&
  qualifiedNameProblems(`requests.${name}`).length === 0

export const deviceClassRules = {
  validateNew: (object: DynamicObject): FieldError[] => validateSpec(object),
  validateUpdate: validateSpec,
}
