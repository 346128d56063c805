/** What became of a claim: its devices, who may use them, and what their drivers say of them. */
import { forbidden, invalid, notSupported, required, tooLong, tooMany, type FieldError } from '../../field-error.ts'
import { checkRequired, checkUnchanged } from '../../meta/field-checks.ts'
import { interfaceAddressProblems } from '../../meta/interface-address.ts'
import { validateConditions } from '../../meta/validate-conditions.ts'
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from '../../types/resource-v1.ts'
import { textBytes } from '../core/data-validation.ts'
import { validateNodeSelector } from '../core/pod-spec/placement.ts'
import { checkDriverName } from '../core/volume-sources/driver-source.ts'
import { mostConfigurations, validateConfiguration, validateRawObject } from './device-configuration.ts'
import { checkLabelName, checkPoolName, checkShareId } from './device-names.ts'
import { validateBindingConditions, validateDeviceTolerations } from './device-taints.ts'
import { checkList, checkSet } from './limited-lists.ts'
import { checkRequestName, checkRequestNames, requestNamesOf, type RequestNames } from './request-names.ts'

const mostConsumers = 256
const mostResults = 32
const mostConditions = 8
const mostAddresses = 16
const longestInterfaceName = 256
const longestHardwareAddress = 128
const sources = ['FromClaim', 'FromClass']

interface DevicePlace {
  readonly driver?: string
  readonly pool?: string
  readonly device?: string
  readonly shareID?: string
}

/** Names have no line breaks. */
const deviceKey = ({ driver = '', pool = '', device = '' }: DevicePlace): string => [driver, pool, device].join('\n')
const shareKey = (place: DevicePlace): string => `${deviceKey(place)}\n${place.shareID ?? ''}`
/** As Kubernetes shows the identity of a device: its parts have no JSON. */
const shownDevice = { Driver: {}, Pool: {}, Device: {}, ShareID: {} }

const resultsOf = ({ status }: Pick<ResourceClaim, 'status'>): readonly DeviceRequestAllocationResult[] =>
  status?.allocation?.devices?.results ?? []

/** What drivers say of devices that the claim no longer has goes with them. */
export function dropReleasedDevices(draft: ResourceClaim, previous: ResourceClaim): void {
  const devices = draft.status?.devices
  if (draft.status === undefined || devices === undefined) return
  const kept = new Set(resultsOf(draft).map(deviceKey))
  const released = new Set(resultsOf(previous).map(deviceKey))
  for (const key of kept) released.delete(key)
  const left = devices.filter((device) => !released.has(deviceKey(device)))
  if (left.length === 0) delete draft.status.devices
  else draft.status.devices = left
}

export function validateClaimStatus(claim: ResourceClaim, previous: ResourceClaim): FieldError[] {
  const { allocation, devices, reservedFor } = claim.status ?? {}
  const before = previous.status ?? {}
  const allocated = new Set(resultsOf(claim).map(shareKey))
  const [at, names] = ['status.allocation', requestNamesOf(claim.spec?.devices)]
  return [
    ...checkSet('status.reservedFor', reservedFor, mostConsumers, ({ uid = '' }) => uid, validateConsumer),
    ...checkSet(
      'status.devices',
      devices,
      Infinity,
      shareKey,
      (device, path) => validateDeviceStatus(device, path, allocated),
      () => shownDevice,
    ),
    ...validateReservation(claim, before.reservedFor),
    ...(allocation === undefined
      ? []
      : before.allocation === undefined
        ? validateAllocation(allocation, at, names)
        : checkUnchanged(at, allocation, before.allocation)),
  ]
}

const validateConsumer = (
  { resource, name, uid }: Partial<ResourceClaimConsumerReference>,
  path: string,
): FieldError[] => [
  ...checkRequired(`${path}.resource`, resource),
  ...checkRequired(`${path}.name`, name),
  ...checkRequired(`${path}.uid`, uid),
]

const consumerKey = ({ apiGroup = '', resource, name, uid }: ResourceClaimConsumerReference): string =>
  JSON.stringify([apiGroup, resource, name, uid])

/** Nobody uses what is not allocated, and nobody new what is going. */
function validateReservation(
  { metadata, status }: ResourceClaim,
  before: readonly ResourceClaimConsumerReference[] = [],
): FieldError[] {
  const { reservedFor = [], allocation } = status ?? {}
  const path = 'status.reservedFor'
  if (reservedFor.length === 0) return []
  if (allocation === undefined) return [forbidden(path, 'may not be specified when `allocated` is not set')]
  if (metadata?.deletionTimestamp === undefined) return []
  const known = new Set(before.map(consumerKey))
  const words = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'
  return reservedFor.every((one) => known.has(consumerKey(one))) ? [] : [forbidden(path, words)]
}

function validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  path: string,
  names: RequestNames,
): FieldError[] {
  return [
    ...checkList(`${path}.devices.results`, devices?.results, mostResults, (result, at) =>
      validateResult(result, at, names),
    ),
    ...checkList(`${path}.devices.config`, devices?.config, 2 * mostConfigurations, (config, at) => [
      ...checkSource(config, at),
      ...checkRequestNames(`${at}.requests`, config.requests, names),
      ...validateConfiguration(config, at),
    ]),
    ...(nodeSelector === undefined ? [] : validateNodeSelector(nodeSelector, `${path}.nodeSelector`)),
  ]
}

function checkSource({ source = '' }: Partial<DeviceAllocationConfiguration>, at: string): FieldError[] {
  if (source === '') return [required(`${at}.source`)]
  return sources.includes(source) ? [] : [notSupported(`${at}.source`, source, sources)]
}

function validateResult(result: DeviceRequestAllocationResult, path: string, names: RequestNames): FieldError[] {
  return [
    ...checkRequestName(`${path}.request`, result.request, names),
    ...checkPlace(result, path),
    ...validateBindingConditions(result, path),
    ...validateDeviceTolerations(result.tolerations, `${path}.tolerations`),
    ...checkShareId(`${path}.shareID`, result.shareID),
  ]
}

const checkPlace = ({ driver, pool, device }: DevicePlace, path: string): FieldError[] => [
  ...checkDriverName(`${path}.driver`, driver),
  ...checkPoolName(`${path}.pool`, pool),
  ...checkLabelName(`${path}.device`, device),
]

function validateDeviceStatus(
  device: AllocatedDeviceStatus,
  path: string,
  allocated: ReadonlySet<string>,
): FieldError[] {
  const { conditions, data, networkData } = device
  const count = conditions?.length ?? 0
  return [
    ...checkPlace(device, path),
    ...checkShareId(`${path}.shareID`, device.shareID),
    ...(allocated.has(shareKey(device))
      ? []
      : [invalid(path, shownDevice, 'must be an allocated device in the claim')]),
    ...(count > mostConditions ? [tooMany(`${path}.conditions`, count, mostConditions)] : []),
    ...validateConditions(conditions, `${path}.conditions`),
    ...(data === undefined ? [] : validateRawObject(data, `${path}.data`)),
    ...validateNetworkData(networkData, `${path}.networkData`),
  ]
}

const checkLength = (path: string, text: string, maximumBytes: number): FieldError[] =>
  textBytes(text) > maximumBytes ? [tooLong(path, maximumBytes)] : []

function validateNetworkData(data: NetworkDeviceData | undefined, path: string): FieldError[] {
  const { interfaceName = '', hardwareAddress = '', ips } = data ?? {}
  return [
    ...checkLength(`${path}.interfaceName`, interfaceName, longestInterfaceName),
    ...checkLength(`${path}.hardwareAddress`, hardwareAddress, longestHardwareAddress),
    ...checkSet(
      `${path}.ips`,
      ips,
      mostAddresses,
      (address) => address,
      (address, at) => interfaceAddressProblems(address).map((problem) => invalid(at, address, problem)),
    ),
  ]
}
