import { pathSegmentName, type NameRule } from '../meta/names.ts'
import { strictIpProblems } from '../meta/strict-ip.ts'

/** Facts of a resource that the schema data does not carry. */
export interface ResourceNames {
  readonly short?: readonly string[]
  readonly categories?: readonly string[]
  /** Absent: a DNS subdomain. */
  readonly nameRule?: NameRule
  /** Whether `metadata.generation` counts its changes. */
  readonly countsGenerations?: boolean
  /** Texts in the object that field selectors may name. */
  readonly selectable?: readonly string[]
}

const extension: ResourceNames = { categories: ['api-extensions'], countsGenerations: true }

/** Keyed by `plural.group`. Resources that have a file of their own state these facts there. */
export const resourceNames: Readonly<Record<string, ResourceNames>> = {
  componentstatuses: { short: ['cs'] },
  'mutatingadmissionpolicies.admissionregistration.k8s.io': extension,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': extension,
  'validatingadmissionpolicies.admissionregistration.k8s.io': extension,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': extension,
  'customresourcedefinitions.apiextensions.k8s.io': { ...extension, short: ['crd', 'crds'] },
  'clustertrustbundles.certificates.k8s.io': { nameRule: pathSegmentName },
  'flowschemas.flowcontrol.apiserver.k8s.io': { countsGenerations: true },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': { countsGenerations: true },
  'ipaddresses.networking.k8s.io': { short: ['ip'], nameRule: strictIpProblems },
  'deviceclasses.resource.k8s.io': { countsGenerations: true },
  'devicetaintrules.resource.k8s.io': { countsGenerations: true },
  'resourceslices.resource.k8s.io': { countsGenerations: true, selectable: ['spec.nodeName', 'spec.driver'] },
  'volumeattributesclasses.storage.k8s.io': { short: ['vac'] },
}

/** The names of a resource; empty when it has none beyond those of the schema data. */
export function namesOf(group: string, plural: string): ResourceNames {
  return resourceNames[group === '' ? plural : `${plural}.${group}`] ?? {}
}
