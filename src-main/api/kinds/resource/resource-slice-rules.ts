import { duplicate, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkPositive, checkRequired, checkUnchanged, problemsAt } from '../../meta/field-checks.ts'
import { dnsLabelProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import type { ResourceSlice } from '../../types/resource-v1.ts'

const specOf = (object: DynamicObject): Partial<ResourceSlice['spec']> =>
  (object as unknown as ResourceSlice).spec ?? {}

/** Devices of one driver in one pool, and the nodes that reach them. */
export const resourceSliceRules = {
  validate(object: DynamicObject): FieldError[] {
    const { driver, pool, nodeName = '', nodeSelector, allNodes, perDeviceNodeSelection, devices } = specOf(object)
    const places = [nodeName !== '', nodeSelector !== undefined, allNodes === true, perDeviceNodeSelection === true]
    const count = places.filter((given) => given).length
    const words = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
    const names = new Set<string>()
    return [
      ...checkRequired('spec.driver', driver),
      ...checkRequired('spec.pool.name', pool?.name),
      ...checkPositive('spec.pool.resourceSliceCount', pool?.resourceSliceCount ?? 0),
      ...(count === 0 ? [required('spec', words)] : []),
      ...(count > 1 ? [invalid('spec', undefined, `${words}, but multiple fields are set`)] : []),
      ...checkEach('spec.devices', devices, ({ name = '' }, path) => {
        const errors =
          name === '' ? [required(`${path}.name`)] : problemsAt(`${path}.name`, name, dnsLabelProblems(name))
        if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
        names.add(name)
        return errors
      }),
    ]
  },
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] => [
    ...checkUnchanged('spec.pool.name', specOf(object).pool?.name, specOf(previous).pool?.name),
    ...checkUnchanged('spec.driver', specOf(object).driver, specOf(previous).driver),
    ...checkUnchanged('spec.nodeName', specOf(object).nodeName, specOf(previous).nodeName),
    ...checkUnchanged('spec.allNodes', specOf(object).allNodes, specOf(previous).allNodes),
  ],
}
