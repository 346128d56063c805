import { invalid, required, type FieldError } from '../../field-error.ts'
import { checkUnchanged } from '../../meta/field-checks.ts'
import type { DynamicObject } from '../../meta/object.ts'
import type { Device, DeviceAttribute, ResourcePool, ResourceSlice } from '../../types/resource-v1.ts'
import { validateNodeSelector } from '../core/pod-spec/placement.ts'
import { checkDriverName } from '../core/volume-sources/driver-source.ts'
import { checkNodeName, checkPoolName } from './device-names.ts'
import { checkCounterName, validateCounters, validateDevice } from './device.ts'
import { checkSet } from './limited-lists.ts'

type Spec = Partial<ResourceSlice['spec']>

const mostDevices = 128
/** With taints or counters, for each of them is more work. */
const mostAdvancedDevices = 64
const mostCounterSets = 8

const specOf = (object: DynamicObject): Spec => (object as unknown as ResourceSlice).spec ?? {}

/** Devices of one driver in one pool, and the nodes that reach them. */
export const resourceSliceRules = {
  validateNew: (object: DynamicObject): FieldError[] => validateSpec(specOf(object), undefined),
  validateUpdate: (object: DynamicObject, previous: DynamicObject): FieldError[] =>
    validateSpec(specOf(object), specOf(previous)),
  prepareCreate: (draft: DynamicObject): void => dropAlphaFields(specOf(draft), {}),
  prepareUpdate: (draft: DynamicObject, previous: DynamicObject): void =>
    dropAlphaFields(specOf(draft), specOf(previous)),
  warn(object: DynamicObject): string[] {
    const { driver = '' } = specOf(object)
    if (driver === driver.toLowerCase()) return []
    const name = JSON.stringify(driver)
    return [`spec.driver: driver names should be lowercase; ${name} contains uppercase characters`]
  },
}

function validateSpec(spec: Spec, before: Spec | undefined): FieldError[] {
  const { driver, pool, devices, sharedCounters, perDeviceNodeSelection } = spec
  const earlier = new Map((before?.devices ?? []).map((device) => [device.name, device]))
  const placesItself = perDeviceNodeSelection === true
  return [
    ...checkDriverName('spec.driver', driver),
    ...validatePool(pool, 'spec.pool'),
    ...(before === undefined ? [] : checkLasting(spec, before)),
    ...validateReach(spec, 'spec'),
    ...(sharedCounters !== undefined && devices !== undefined
      ? [invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed')]
      : []),
    ...checkSet(
      'spec.devices',
      devices,
      isAdvanced(devices) ? mostAdvancedDevices : mostDevices,
      ({ name = '' }) => name,
      (device, at) => validateDevice(device, at, { previous: earlier.get(device.name), placesItself }),
    ),
    ...checkSet(
      'spec.sharedCounters',
      sharedCounters,
      mostCounterSets,
      ({ name = '' }) => name,
      ({ name, counters }, at) => [
        ...checkCounterName(`${at}.name`, name),
        ...validateCounters(counters, `${at}.counters`),
      ],
    ),
  ]
}

const isAdvanced = (devices: readonly Device[] = []): boolean =>
  devices.some(({ taints = [], consumesCounters = [] }) => taints.length + consumesCounters.length > 0)

const checkLasting = (spec: Spec, before: Spec): FieldError[] => [
  ...checkUnchanged('spec.pool.name', spec.pool?.name, before.pool?.name),
  ...checkUnchanged('spec.driver', spec.driver, before.driver),
  ...checkUnchanged('spec.nodeName', spec.nodeName, before.nodeName),
]

function validatePool(pool: Partial<ResourcePool> | undefined, path: string): FieldError[] {
  const { name, resourceSliceCount = 0, generation = 0 } = pool ?? {}
  return [
    ...checkPoolName(`${path}.name`, name),
    ...(resourceSliceCount > 0
      ? []
      : [invalid(`${path}.resourceSliceCount`, resourceSliceCount, 'must be greater than zero')]),
    ...(generation < 0 ? [invalid(`${path}.generation`, generation, 'must be greater than or equal to zero')] : []),
  ]
}

const oneReach = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
const onlyTrue = 'must be either unset or set to true'

function validateReach({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection }: Spec, path: string): FieldError[] {
  const set = [
    ...(nodeName === undefined || nodeName === '' ? [] : ['`nodeName`']),
    ...(nodeSelector === undefined ? [] : ['`nodeSelector`']),
    ...(allNodes === true ? ['`allNodes`'] : []),
    ...(perDeviceNodeSelection === true ? ['`perDeviceNodeSelection`'] : []),
  ]
  return [
    ...validateNodeName(nodeName, `${path}.nodeName`),
    ...validateNodes(nodeSelector, `${path}.nodeSelector`),
    ...(allNodes === false ? [invalid(`${path}.allNodes`, false, onlyTrue)] : []),
    ...(perDeviceNodeSelection === false ? [invalid(`${path}.perDeviceNodeSelection`, false, onlyTrue)] : []),
    ...(set.length === 0 ? [required(path, oneReach)] : []),
    ...(set.length > 1 ? [invalid(path, `{${set.join(', ')}}`, `${oneReach}, but multiple fields are set`)] : []),
  ]
}

function validateNodeName(name: string | undefined, path: string): FieldError[] {
  if (name === undefined) return []
  return name === ''
    ? [invalid(path, '', 'must be either unset or set to a non-empty string')]
    : checkNodeName(path, name)
}

/** With a single term, selectors of several slices can be merged. */
function validateNodes(selector: Spec['nodeSelector'], path: string): FieldError[] {
  if (selector === undefined) return []
  const { nodeSelectorTerms: terms }: Partial<typeof selector> = selector
  const errors = validateNodeSelector(selector, path)
  if (terms?.length === 1) return errors
  return [...errors, invalid(`${path}.nodeSelectorTerms`, terms, 'must have exactly one node selector term')]
}

const lists = ['bools', 'ints', 'strings', 'versions'] as const
const hasLists = (attribute: DeviceAttribute): boolean => lists.some((name) => attribute[name] !== undefined)
const attributesOf = ({ devices = [] }: Spec): DeviceAttribute[] =>
  devices.flatMap(({ attributes }) => Object.values(attributes ?? {}))

/** Fields behind gates that are off in v1.36 stay only where they are in use: lists as attributes, mapped resources. */
function dropAlphaFields(spec: Spec, before: Spec): void {
  if (!attributesOf(before).some(hasLists))
    for (const attribute of attributesOf(spec)) for (const name of lists) Reflect.deleteProperty(attribute, name)
  if (!(before.devices ?? []).some(({ nodeAllocatableResourceMappings: mapped }) => mapped !== undefined))
    for (const device of spec.devices ?? []) delete device.nodeAllocatableResourceMappings
}
