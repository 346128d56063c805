/** What a claim asks for: devices of classes, each request under a name of its own. */
import { invalid, notSupported, required, type FieldError } from '../../field-error.ts'
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
  DeviceToleration,
} from '../../types/resource-v1.ts'
import { mostConfigurations, validateConfiguration } from './device-configuration.ts'
import { checkClassName, checkFullyQualifiedName, checkLabelName } from './device-names.ts'
import { validateDeviceTolerations } from './device-taints.ts'
import { checkList, checkSet } from './limited-lists.ts'
import { checkRequestNames, mostRequests, requestNamesOf, type RequestNames } from './request-names.ts'

const mostConstraints = 32
export const mostAlternatives = 8
export const mostSelectors = 32
const modes = ['All', 'ExactCount']

interface Wish {
  readonly deviceClassName?: string
  readonly selectors?: readonly DeviceSelector[]
  readonly allocationMode?: string
  readonly count?: number
  readonly tolerations?: readonly DeviceToleration[]
}

export function validateDeviceClaim(devices: DeviceClaim | undefined, path: string): FieldError[] {
  const names = requestNamesOf(devices)
  return [
    ...checkSet(`${path}.requests`, devices?.requests, mostRequests, ({ name = '' }) => name, validateRequest),
    ...checkList(`${path}.constraints`, devices?.constraints, mostConstraints, (constraint, at) =>
      validateConstraint(constraint, at, names),
    ),
    ...checkList(`${path}.config`, devices?.config, mostConfigurations, (config, at) => [
      ...checkRequestNames(`${at}.requests`, config.requests, names),
      ...validateConfiguration(config, at),
    ]),
  ]
}

function validateRequest({ name, exactly, firstAvailable = [] }: DeviceRequest, path: string): FieldError[] {
  return [...checkLabelName(`${path}.name`, name), ...validateWishes(exactly, firstAvailable, path)]
}

const oneKind = 'exactly one of `exactly` or `firstAvailable` is required'

function validateWishes(
  exactly: Wish | undefined,
  firstAvailable: readonly DeviceSubRequest[],
  path: string,
): FieldError[] {
  if (exactly !== undefined)
    return firstAvailable.length > 0
      ? [invalid(path, null, `${oneKind}, but multiple fields are set`)]
      : validateWish(exactly, `${path}.exactly`)
  if (firstAvailable.length === 0) return [required(path, oneKind)]
  const at = `${path}.firstAvailable`
  return checkSet(
    at,
    firstAvailable,
    mostAlternatives,
    ({ name = '' }) => name,
    (wish, here) => [...checkLabelName(`${here}.name`, wish.name), ...validateWish(wish, here)],
  )
}

function validateWish(wish: Wish, path: string): FieldError[] {
  return [
    ...checkClassName(`${path}.deviceClassName`, wish.deviceClassName),
    ...validateSelectors(wish.selectors, `${path}.selectors`),
    ...validateMode(wish, path),
    ...validateDeviceTolerations(wish.tolerations, `${path}.tolerations`),
  ]
}

/** What the expressions themselves say, only the server can tell. */
export const validateSelectors = (selectors: readonly DeviceSelector[] | undefined, path: string): FieldError[] =>
  checkList(path, selectors, mostSelectors, ({ cel }, at) => (cel === undefined ? [required(`${at}.cel`)] : []))

function validateMode({ allocationMode = '', count = 0 }: Wish, path: string): FieldError[] {
  switch (allocationMode) {
    case 'All':
      return count === 0 ? [] : [invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'")]
    case 'ExactCount':
      return count > 0 ? [] : [invalid(`${path}.count`, count, 'must be greater than zero')]
    default:
      return [notSupported(`${path}.allocationMode`, allocationMode, modes)]
  }
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  path: string,
  names: RequestNames,
): FieldError[] {
  const errors = checkRequestNames(`${path}.requests`, requests, names)
  if (matchAttribute !== undefined)
    return [...errors, ...checkFullyQualifiedName(`${path}.matchAttribute`, matchAttribute)]
  if (distinctAttribute !== undefined)
    return [...errors, ...checkFullyQualifiedName(`${path}.distinctAttribute`, distinctAttribute)]
  // Kubernetes says so, whatever it means.
  const words = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
  return [...errors, required(path, words)]
}

/** One device, unless the claim says otherwise. */
export function defaultDeviceClaim(devices: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable = [] } of devices?.requests ?? [])
    for (const wish of exactly === undefined ? firstAvailable : [exactly, ...firstAvailable]) {
      wish.allocationMode ??= 'ExactCount'
      if (wish.allocationMode === 'ExactCount' && (wish.count ?? 0) === 0) wish.count = 1
      for (const toleration of wish.tolerations ?? []) toleration.operator ??= 'Equal'
    }
}
