/** Rules of kinds that have nothing else of their own, for all versions of a resource. Keyed by `plural.group`. */
import type { KindDefinition } from '../define-kind.ts'
import type { DynamicObject } from '../meta/object.ts'
import { ipAddressRules } from './networking/ip-address-rules.ts'
import { serviceCidrRules } from './networking/service-cidr-rules.ts'
import { runtimeClassRules } from './node/runtime-class-rules.ts'
import { resourceClaimRules, resourceClaimTemplateRules } from './resource/device-claim-rules.ts'
import { deviceClassRules } from './resource/device-class-rules.ts'
import { deviceTaintRuleRules } from './resource/device-taint-rule-rules.ts'
import { flatForms } from './resource/flat-form.ts'
import { flatRules } from './resource/flat-rules.ts'
import { poolStatusRequestRules } from './resource/pool-status-request-rules.ts'
import { resourceSliceRules } from './resource/resource-slice-rules.ts'
import {
  csiStorageCapacityRules,
  volumeAttachmentRules,
  volumeAttributesClassRules,
} from './storage/attachment-rules.ts'
import { csiDriverRules } from './storage/csi-driver-rules.ts'
import { csiNodeRules } from './storage/csi-node-rules.ts'

export type PlainRules = Pick<
  KindDefinition<DynamicObject>,
  | 'defaults'
  | 'validate'
  | 'validateNew'
  | 'validateUpdate'
  | 'validateStatus'
  | 'prepareCreate'
  | 'prepareUpdate'
  | 'warn'
  | 'updatesCreate'
  | 'updatesNeedVersion'
>

const rulesByResource: Readonly<Record<string, PlainRules>> = {
  'leasecandidates.coordination.k8s.io': { updatesCreate: true, updatesNeedVersion: true },
  'ipaddresses.networking.k8s.io': ipAddressRules,
  'servicecidrs.networking.k8s.io': serviceCidrRules,
  'runtimeclasses.node.k8s.io': runtimeClassRules,
  'deviceclasses.resource.k8s.io': deviceClassRules,
  'devicetaintrules.resource.k8s.io': deviceTaintRuleRules,
  'resourceclaims.resource.k8s.io': resourceClaimRules,
  'resourceclaimtemplates.resource.k8s.io': resourceClaimTemplateRules,
  'resourcepoolstatusrequests.resource.k8s.io': poolStatusRequestRules,
  'resourceslices.resource.k8s.io': resourceSliceRules,
  'csidrivers.storage.k8s.io': csiDriverRules,
  'csinodes.storage.k8s.io': csiNodeRules,
  'csistoragecapacities.storage.k8s.io': csiStorageCapacityRules,
  'volumeattachments.storage.k8s.io': volumeAttachmentRules,
  'volumeattributesclasses.storage.k8s.io': volumeAttributesClassRules,
}

/** The rules of one resource in one version; devices were written in another way at first. */
export function plainRules(group: string, version: string, plural: string): PlainRules {
  const rules = rulesByResource[group === '' ? plural : `${plural}.${group}`] ?? {}
  const flatForm = group === 'resource.k8s.io' && version === 'v1beta1' ? flatForms[plural] : undefined
  return flatForm === undefined ? rules : flatRules(rules, flatForm)
}
