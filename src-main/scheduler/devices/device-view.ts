/** What the scheduler reads of devices: the claims of pods, and the classes that they name. */
import type { Live } from '../../api/meta/object.ts'
import type { DeviceClass, ResourceClaim } from '../../api/types/resource-v1.ts'

export interface DeviceView {
  resourceClaim(namespace: string, name: string): Live<ResourceClaim> | undefined
  deviceClass(name: string): Live<DeviceClass> | undefined
}

/** For schedulers of clusters without devices. */
export const noDevices: DeviceView = { resourceClaim: () => undefined, deviceClass: () => undefined }
