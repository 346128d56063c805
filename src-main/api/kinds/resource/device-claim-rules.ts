import { duplicate, invalid, required, type FieldError } from '../../field-error.ts'
import { checkEach, checkOneOf, checkRequired, problemsAt, sameValue } from '../../meta/field-checks.ts'
import { dnsLabelProblems } from '../../meta/names.ts'
import type { DynamicObject } from '../../meta/object.ts'
import type { DeviceClaim, DeviceRequest, ResourceClaim, ResourceClaimTemplate } from '../../types/resource-v1.ts'

interface Wish {
  readonly deviceClassName?: string
  readonly allocationMode?: string
  readonly count?: number
}

/** What is asked for: devices of a class, each request under a name of its own. */
export function validateDeviceClaim(devices: DeviceClaim | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  const requests = checkEach(`${path}.requests`, devices?.requests, (request, at) => {
    const { name = '' } = request
    const errors = name === '' ? [required(`${at}.name`)] : problemsAt(`${at}.name`, name, dnsLabelProblems(name))
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    return [...errors, ...validateRequest(request, at)]
  })
  const known = (name: string): boolean => names.has(name.split('/')[0] ?? '')
  const refersToMissing = (list: readonly string[] | undefined, at: string): FieldError[] =>
    checkEach(`${at}.requests`, list, (name, here) =>
      known(name)
        ? []
        : [
            invalid(
              here,
              name,
              "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
            ),
          ],
    )
  return [
    ...requests,
    ...checkEach(`${path}.constraints`, devices?.constraints, (constraint, at) => [
      ...refersToMissing(constraint.requests, at),
      ...(constraint.matchAttribute === undefined && constraint.distinctAttribute === undefined
        ? [required(at, 'exactly one of `matchAttribute` or `distinctAttribute` is required')]
        : []),
    ]),
    ...checkEach(`${path}.config`, devices?.config, ({ opaque, requests: list }, at) => [
      ...refersToMissing(list, at),
      ...(opaque === undefined ? [required(`${at}.opaque`)] : checkRequired(`${at}.opaque.driver`, opaque.driver)),
    ]),
  ]
}

function validateRequest({ exactly, firstAvailable = [] }: DeviceRequest, path: string): FieldError[] {
  if (exactly !== undefined && firstAvailable.length > 0)
    return [
      invalid(path, undefined, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'),
    ]
  if (exactly !== undefined) return validateWish(exactly, `${path}.exactly`)
  if (firstAvailable.length === 0) return [required(path, 'exactly one of `exactly` or `firstAvailable` is required')]
  const names = new Set<string>()
  return checkEach(`${path}.firstAvailable`, firstAvailable, (wish, at) => {
    const errors = problemsAt(`${at}.name`, wish.name, dnsLabelProblems(wish.name))
    if (names.has(wish.name)) errors.push(duplicate(`${at}.name`, wish.name))
    names.add(wish.name)
    return [...errors, ...validateWish(wish, at)]
  })
}

function validateWish({ deviceClassName, allocationMode = 'ExactCount', count }: Wish, path: string): FieldError[] {
  const errors = [
    ...checkRequired(`${path}.deviceClassName`, deviceClassName),
    ...checkOneOf(`${path}.allocationMode`, allocationMode, ['All', 'ExactCount']),
  ]
  if (allocationMode === 'All' && count !== undefined && count !== 0)
    errors.push(invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'"))
  if (allocationMode === 'ExactCount' && count !== undefined && count <= 0)
    errors.push(invalid(`${path}.count`, count, 'must be greater than zero'))
  return errors
}

function defaultClaim(devices: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable } of devices?.requests ?? [])
    for (const wish of [...(exactly === undefined ? [] : [exactly]), ...(firstAvailable ?? [])]) {
      wish.allocationMode ??= 'ExactCount'
      if (wish.allocationMode === 'ExactCount') wish.count ??= 1
    }
}

const asClaim = (object: DynamicObject): ResourceClaim => object as unknown as ResourceClaim
const asTemplate = (object: DynamicObject): ResourceClaimTemplate => object as unknown as ResourceClaimTemplate
const immutableSpec = (object: DynamicObject, previous: DynamicObject): FieldError[] =>
  sameValue(object.spec, previous.spec) ? [] : [invalid('spec', object.spec, 'field is immutable')]

export const resourceClaimRules = {
  defaults: (draft: DynamicObject): void => defaultClaim(asClaim(draft).spec?.devices),
  validate: (object: DynamicObject): FieldError[] => validateDeviceClaim(asClaim(object).spec?.devices, 'spec.devices'),
  validateUpdate: immutableSpec,
}

export const resourceClaimTemplateRules = {
  defaults: (draft: DynamicObject): void => defaultClaim(asTemplate(draft).spec?.spec?.devices),
  validate: (object: DynamicObject): FieldError[] =>
    validateDeviceClaim(asTemplate(object).spec?.spec?.devices, 'spec.spec.devices'),
  validateUpdate: immutableSpec,
}
