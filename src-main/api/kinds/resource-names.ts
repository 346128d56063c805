import type { ScalePaths } from '../define-kind.ts'

/** Names of a resource that the schema data does not carry; keyed by `plural.group`. */
export interface ResourceNames {
  readonly short?: readonly string[]
  readonly categories?: readonly string[]
  readonly scale?: ScalePaths
}

const replicas: ScalePaths = { spec: '.spec.replicas', status: '.status.replicas', selector: '.spec.selector' }

/** Resources that have a file of their own state these facts there. */
export const resourceNames: Readonly<Record<string, ResourceNames>> = {
  componentstatuses: { short: ['cs'] },
  limitranges: { short: ['limits'] },
  persistentvolumeclaims: { short: ['pvc'] },
  persistentvolumes: { short: ['pv'] },
  replicationcontrollers: { short: ['rc'], categories: ['all'], scale: replicas },
  resourcequotas: { short: ['quota'] },
  'mutatingadmissionpolicies.admissionregistration.k8s.io': { categories: ['api-extensions'] },
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': { categories: ['api-extensions'] },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': { categories: ['api-extensions'] },
  'validatingadmissionpolicies.admissionregistration.k8s.io': { categories: ['api-extensions'] },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': { categories: ['api-extensions'] },
  'validatingwebhookconfigurations.admissionregistration.k8s.io': { categories: ['api-extensions'] },
  'customresourcedefinitions.apiextensions.k8s.io': { short: ['crd', 'crds'], categories: ['api-extensions'] },
  'apiservices.apiregistration.k8s.io': { categories: ['api-extensions'] },
  'daemonsets.apps': { short: ['ds'], categories: ['all'] },
  'statefulsets.apps': { short: ['sts'], categories: ['all'], scale: replicas },
  'horizontalpodautoscalers.autoscaling': { short: ['hpa'], categories: ['all'] },
  'cronjobs.batch': { short: ['cj'], categories: ['all'] },
  'jobs.batch': { categories: ['all'] },
  'certificatesigningrequests.certificates.k8s.io': { short: ['csr'] },
  'events.events.k8s.io': { short: ['ev'] },
  'ingresses.networking.k8s.io': { short: ['ing'] },
  'ipaddresses.networking.k8s.io': { short: ['ip'] },
  'networkpolicies.networking.k8s.io': { short: ['netpol'] },
  'poddisruptionbudgets.policy': { short: ['pdb'] },
  'priorityclasses.scheduling.k8s.io': { short: ['pc'] },
  'storageclasses.storage.k8s.io': { short: ['sc'] },
  'volumeattributesclasses.storage.k8s.io': { short: ['vac'] },
}

/** The short names and the like of a resource; empty when it has none. */
export function namesOf(group: string, plural: string): ResourceNames {
  return resourceNames[group === '' ? plural : `${plural}.${group}`] ?? {}
}
