import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkUnchanged } from '../../meta/field-checks.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { validateConditions } from '../../meta/validate-conditions.ts'
import type { PoolStatus, ResourcePoolStatusRequest } from '../../types/resource-v1alpha3.ts'
import { checkDriverName } from '../core/volume-sources/driver-source.ts'
import { checkNodeName, checkPoolName } from './device-names.ts'

const largestLimit = 1000

const asRequest = (object: DynamicObject): ResourcePoolStatusRequest => object as unknown as ResourcePoolStatusRequest

function validateSpec(object: DynamicObject): FieldError[] {
  const { driver = '', poolName, limit } = asRequest(object).spec ?? {}
  return [
    ...(driver === '' ? [required('spec.driver', 'driver name is required')] : checkDriverName('spec.driver', driver)),
    ...(poolName === ''
      ? [invalid('spec.poolName', '', 'must not be empty when specified')]
      : poolName === undefined
        ? []
        : checkPoolName('spec.poolName', poolName)),
    ...(limit !== undefined && limit < 1 ? [invalid('spec.limit', limit, 'must be at least 1')] : []),
    ...(limit !== undefined && limit > largestLimit
      ? [invalid('spec.limit', limit, `must not exceed ${largestLimit}`)]
      : []),
  ]
}

const counts = ['totalDevices', 'allocatedDevices', 'availableDevices', 'unavailableDevices'] as const

function validatePool(pool: Partial<PoolStatus>, path: string): FieldError[] {
  const { driver = '', poolName, nodeName, generation = 0 } = pool
  return [
    ...(driver === '' ? [required(`${path}.driver`)] : checkDriverName(`${path}.driver`, driver)),
    ...checkPoolName(`${path}.poolName`, poolName),
    ...(nodeName === undefined ? [] : checkNodeName(`${path}.nodeName`, nodeName)),
    ...[...counts.map((name) => [name, pool[name] ?? 0] as const), ['generation', generation] as const].flatMap(
      ([name, count]) => (count < 0 ? [invalid(`${path}.${name}`, count, 'must be non-negative')] : []),
    ),
  ]
}

/** A question about pools; its answer is given once. */
export const poolStatusRequestRules = {
  validateNew: validateSpec,
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    checkUnchanged('spec', object.spec, previous.spec),
  validateStatus(object: DynamicObject, previous: DynamicObject): FieldError[] {
    const before = asRequest(previous).status
    const { pools, conditions }: Partial<NonNullable<typeof before>> = asRequest(object).status ?? {}
    if (Object.keys(before ?? {}).length > 0) return checkUnchanged('status', object.status, previous.status)
    return [...checkEach('status.pools', pools, validatePool), ...validateConditions(conditions, 'status.conditions')]
  },
}
