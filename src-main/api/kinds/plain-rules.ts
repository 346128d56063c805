/** Rules of kinds that have nothing else of their own, for all versions of a resource. Keyed by `plural.group`. */
import type { KindDefinition } from '../define-kind.ts'
import type { DynamicObject } from '../meta/object.ts'
import { ipAddressRules } from './networking/ip-address-rules.ts'
import { serviceCidrRules } from './networking/service-cidr-rules.ts'

export type PlainRules = Pick<
  KindDefinition<DynamicObject>,
  'defaults' | 'validate' | 'validateUpdate' | 'prepareUpdate'
>

export const plainRules: Readonly<Record<string, PlainRules>> = {
  'ipaddresses.networking.k8s.io': ipAddressRules,
  'servicecidrs.networking.k8s.io': serviceCidrRules,
}
