/**
 * The first beta version writes devices in another way: a request has the fields of the one device that it wants
 * itself, where later versions have them under `exactly`, and what a device of a slice has stands under `basic`.
 * Everything else is the same in all versions.
 */
import type { DynamicObject } from '../../meta/object.ts'
import type {
  BasicDevice,
  Device as FlatDevice,
  DeviceRequest as FlatRequest,
  ResourceClaim as FlatClaim,
  ResourceClaimTemplate as FlatTemplate,
  ResourceSlice as FlatSlice,
} from '../../types/resource-v1beta1.ts'
import type {
  Device,
  DeviceRequest,
  ExactDeviceRequest,
  ResourceClaim,
  ResourceClaimTemplate,
  ResourceSlice,
} from '../../types/resource-v1.ts'

/** How the objects of one resource become those of v1, and back; neither changes the object that it is given. */
export interface FlatForm {
  readonly kind: string
  toV1(object: DynamicObject): DynamicObject
  fromV1(object: DynamicObject): DynamicObject
}

const flatVersion = 'resource.k8s.io/v1beta1'
const nestedVersion = 'resource.k8s.io/v1'

const says = (fields: object): boolean => Object.values(fields).some((value) => value !== undefined)

function nestedRequest({ name, firstAvailable, ...rest }: FlatRequest): DeviceRequest {
  return {
    name,
    ...(firstAvailable === undefined ? {} : { firstAvailable }),
    // It may be one that lacks its class: that is for validation to say.
    ...(says(rest) ? { exactly: rest as ExactDeviceRequest } : {}),
  }
}

const flatRequest = ({ name, firstAvailable, exactly }: DeviceRequest): FlatRequest => ({
  name,
  ...(firstAvailable === undefined ? {} : { firstAvailable }),
  ...exactly,
})

const nestedDevice = ({ name, basic }: FlatDevice): Device => ({ name, ...basic })

function flatDevice({ name, ...rest }: Device): FlatDevice {
  const basic: BasicDevice = rest
  return { name, basic }
}

interface Devices<R> {
  readonly devices?: { readonly requests?: readonly R[] }
}

function withRequests<S extends Devices<R>, R, T>(spec: S | undefined, convert: (request: R) => T): S | undefined {
  const { devices } = spec ?? {}
  if (spec === undefined || devices?.requests === undefined) return spec
  return { ...spec, devices: { ...devices, requests: devices.requests.map(convert) } }
}

const claims: FlatForm = {
  kind: 'ResourceClaim',
  toV1(object) {
    const claim = object as unknown as FlatClaim
    return { ...claim, apiVersion: nestedVersion, spec: withRequests(claim.spec, nestedRequest) }
  },
  fromV1(object) {
    const claim = object as unknown as ResourceClaim
    return { ...claim, apiVersion: flatVersion, spec: withRequests(claim.spec, flatRequest) }
  },
}

const templates: FlatForm = {
  kind: 'ResourceClaimTemplate',
  toV1(object) {
    const { spec, ...rest } = object as unknown as FlatTemplate
    if (spec === undefined) return { ...rest, apiVersion: nestedVersion }
    return { ...rest, apiVersion: nestedVersion, spec: { ...spec, spec: withRequests(spec.spec, nestedRequest) } }
  },
  fromV1(object) {
    const { spec, ...rest } = object as unknown as ResourceClaimTemplate
    if (spec === undefined) return { ...rest, apiVersion: flatVersion }
    return { ...rest, apiVersion: flatVersion, spec: { ...spec, spec: withRequests(spec.spec, flatRequest) } }
  },
}

function withDevices<S extends { readonly devices?: readonly D[] }, D, T>(
  spec: S | undefined,
  convert: (device: D) => T,
): object | undefined {
  return spec?.devices === undefined ? spec : { ...spec, devices: spec.devices.map(convert) }
}

const slices: FlatForm = {
  kind: 'ResourceSlice',
  toV1(object) {
    const { spec, ...rest } = object as unknown as FlatSlice
    return { ...rest, apiVersion: nestedVersion, spec: withDevices(spec, nestedDevice) }
  },
  fromV1(object) {
    const { spec, ...rest } = object as unknown as ResourceSlice
    return { ...rest, apiVersion: flatVersion, spec: withDevices(spec, flatDevice) }
  },
}

/** By plural name. */
export const flatForms: Readonly<Record<string, FlatForm>> = {
  resourceclaims: claims,
  resourceclaimtemplates: templates,
  resourceslices: slices,
}

/** The object in the form of v1, whatever version it is in. */
export const inFormOfV1 = (plural: string, object: DynamicObject): DynamicObject =>
  object.apiVersion === flatVersion ? (flatForms[plural]?.toV1(object) ?? object) : object
