/** One device of a slice: what it is, what it has, what it takes from counters that devices share, and where it is. */
import { invalid, required, tooLong, type FieldError } from '../../field-error.ts'
import { sameValue } from '../../meta/field-checks.ts'
import type { Counter, Device, DeviceAttribute } from '../../types/resource-v1.ts'
import { textBytes } from '../core/data-validation.ts'
import { validateNodeSelector } from '../core/pod-spec/placement.ts'
import { validateCapacity } from './capacity-policy.ts'
import { checkLabelName, checkNodeName, checkQualifiedName, longestQualifiedName } from './device-names.ts'
import { validateBindingConditions, validateDeviceTaint } from './device-taints.ts'
import { checkList, checkMap, checkSet } from './limited-lists.ts'

const mostAttributesAndCapacities = 32
const mostAttributeValues = 48
const longestAttribute = 64
const mostTaints = 16
const mostConsumptions = 2
const mostCounters = 32
const longestLabel = 63

export interface DeviceContext {
  /** The device of this name that the slice had before. */
  readonly previous: Device | undefined
  /** Each device of the slice says itself where it is. */
  readonly placesItself: boolean
}

export function validateDevice(device: Device, path: string, { previous, placesItself }: DeviceContext): FieldError[] {
  const { name, attributes, capacity, taints, consumesCounters } = device
  const names = { maximum: Infinity, shownKey: longestQualifiedName }
  const shared = device.allowMultipleAllocations === true
  return [
    ...checkLabelName(`${path}.name`, name),
    ...checkCounts(device, path),
    ...checkMap(`${path}.attributes`, attributes, names, checkQualifiedName, validateAttribute),
    ...checkMap(`${path}.capacity`, capacity, names, checkQualifiedName, (one, at) =>
      validateCapacity(one, at, shared),
    ),
    ...(previous !== undefined && sameValue(previous.taints, taints)
      ? []
      : checkList(`${path}.taints`, taints, mostTaints, (taint, at) => validateDeviceTaint(taint, at))),
    ...checkSet(
      `${path}.consumesCounters`,
      consumesCounters,
      mostConsumptions,
      ({ counterSet = '' }) => counterSet,
      (one, at) => [
        ...checkCounterName(`${at}.counterSet`, one.counterSet),
        ...validateCounters(one.counters, `${at}.counters`),
      ],
    ),
    ...(placesItself ? validatePlace(device, path) : forbidPlace(device, path)),
    ...validateBindingConditions(device, path),
  ]
}

function checkCounts({ attributes = {}, capacity = {} }: Device, path: string): FieldError[] {
  const values = Object.keys(attributes).length
  const total = values + Object.keys(capacity).length
  const refuse = (count: number, maximum: number, what: string): FieldError[] =>
    count > maximum ? [invalid(path, count, `the total number of ${what} must not exceed ${maximum}`)] : []
  return [
    ...refuse(total, mostAttributesAndCapacities, 'attributes and capacities'),
    ...refuse(values, mostAttributeValues, 'attribute values'),
  ]
}

const identifier = '[0-9A-Za-z-]+'
const number = '(?:0|[1-9]\\d*)'
const preRelease = `(?:${number}|\\d*[a-zA-Z-][0-9a-zA-Z-]*)`
const semanticVersion = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-${preRelease}(?:\\.${preRelease})*)?(?:\\+${identifier}(?:\\.${identifier})*)?$`,
)

function validateAttribute(attribute: DeviceAttribute, path: string): FieldError[] {
  const { bool, int, string, version } = attribute
  const count = [bool, int, string, version].filter((value) => value !== undefined).length
  const errors = [
    ...(string === undefined ? [] : checkAttributeLength(`${path}.string`, string)),
    ...(version === undefined ? [] : checkVersion(`${path}.version`, version)),
  ]
  if (count === 1) return errors
  return [...errors, invalid(path, count === 0 ? '' : shownAttribute(attribute), 'exactly one value must be specified')]
}

/** With all fields, under the names that they have within Kubernetes. */
const shownAttribute = ({ bool, int, string, version }: DeviceAttribute): object => ({
  ...{ IntValue: int ?? null, BoolValue: bool ?? null, StringValue: string ?? null, VersionValue: version ?? null },
  ...{ BoolValues: null, IntValues: null, StringValues: null, VersionValues: null },
})

const checkAttributeLength = (path: string, text: string): FieldError[] =>
  textBytes(text) > longestAttribute ? [tooLong(path, longestAttribute)] : []

function checkVersion(path: string, version: string): FieldError[] {
  const words = 'must be a string compatible with semver.org spec 2.0.0'
  // What is far too long need not be read.
  const fits = version.length > 4 * longestAttribute || semanticVersion.test(version)
  return [...(fits ? [] : [invalid(path, version, words)]), ...checkAttributeLength(path, version)]
}

export const checkCounterName = (path: string, name = ''): FieldError[] =>
  name === '' ? [required(path)] : checkLabelName(path, name)

export function validateCounters(counters: Readonly<Record<string, Counter>> | undefined, path: string): FieldError[] {
  if (Object.keys(counters ?? {}).length === 0) return [required(path)]
  return checkMap(path, counters, { maximum: mostCounters, shownKey: longestLabel }, checkLabelName, () => [])
}

const onePlace =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'

function validatePlace({ nodeName, nodeSelector, allNodes }: Device, path: string): FieldError[] {
  const set = [
    ...(nodeName === undefined || nodeName === '' ? [] : ['`nodeName`']),
    ...(nodeSelector === undefined ? [] : ['`nodeSelector`']),
    ...(allNodes === true ? ['`allNodes`'] : []),
  ]
  return [
    ...(nodeName === undefined
      ? []
      : nodeName === ''
        ? [invalid(`${path}.nodeName`, '', 'must not be empty')]
        : checkNodeName(`${path}.nodeName`, nodeName)),
    ...(nodeSelector === undefined ? [] : validateNodeSelector(nodeSelector, `${path}.nodeSelector`)),
    ...(allNodes === false ? [invalid(`${path}.allNodes`, false, 'must be either unset or set to true')] : []),
    ...(set.length === 0 ? [required(path, onePlace)] : []),
    ...(set.length > 1 ? [invalid(path, `{${set.join(', ')}}`, onePlace)] : []),
  ]
}

function forbidPlace({ nodeName, nodeSelector, allNodes }: Device, path: string): FieldError[] {
  const words =
    '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  const isSet = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined
  return isSet ? [invalid(path, null, words)] : []
}
