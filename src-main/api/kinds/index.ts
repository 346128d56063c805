/** The one list of kinds: those with a file of their own, and all others of the schema data. */
import { defineKind, type Kind } from '../define-kind.ts'
import type { DynamicObject } from '../meta/object.ts'
import { policyRules } from './admissionregistration/policy-rules.ts'
import {
  mutatingWebhookConfiguration,
  validatingWebhookConfiguration,
} from './admissionregistration/webhook-configurations.ts'
import { customResourceDefinition } from './apiextensions/custom-resource-definition.ts'
import { apiService } from './apiregistration/api-service.ts'
import { controllerRevision } from './apps/controller-revision.ts'
import { daemonSet } from './apps/daemon-set.ts'
import { deployment } from './apps/deployment.ts'
import { replicaSet } from './apps/replica-set.ts'
import { statefulSet } from './apps/stateful-set.ts'
import { horizontalPodAutoscaler, horizontalPodAutoscalerV1 } from './autoscaling/horizontal-pod-autoscaler.ts'
import { cronJob } from './batch/cron-job.ts'
import { job } from './batch/job.ts'
import { certificateSigningRequest } from './certificates/certificate-signing-request.ts'
import { clusterTrustBundle, clusterTrustBundleAlpha } from './certificates/cluster-trust-bundle.ts'
import { podCertificateRequest } from './certificates/pod-certificate-request.ts'
import { lease } from './coordination/lease.ts'
import { configMap } from './core/config-map.ts'
import { endpoints } from './core/endpoints.ts'
import { event } from './core/event.ts'
import { limitRange } from './core/limit-range.ts'
import { namespace } from './core/namespace.ts'
import { node } from './core/node.ts'
import { persistentVolumeClaim } from './core/persistent-volume-claim.ts'
import { persistentVolume } from './core/persistent-volume.ts'
import { podTemplate } from './core/pod-template.ts'
import { pod } from './core/pod.ts'
import { replicationController } from './core/replication-controller.ts'
import { resourceQuota } from './core/resource-quota.ts'
import { secret } from './core/secret.ts'
import { serviceAccount } from './core/service-account.ts'
import { service } from './core/service.ts'
import { endpointSlice } from './discovery/endpoint-slice.ts'
import { groupedEvent } from './events/event.ts'
import { clock } from './glass/clock.ts'
import { flowControlRules } from './flowcontrol/flow-control-rules.ts'
import { decision } from './glass/decision.ts'
import { timeline } from './glass/timeline.ts'
import { lab } from './lab/lab.ts'
import { machine } from './lab/machine.ts'
import { nodeMetrics, podMetrics } from './metrics/resource-metrics.ts'
import { ingressClass } from './networking/ingress-class.ts'
import { ingress } from './networking/ingress.ts'
import { networkPolicy } from './networking/network-policy.ts'
import { podDisruptionBudget } from './policy/pod-disruption-budget.ts'
import { clusterRoleBinding } from './rbac/cluster-role-binding.ts'
import { clusterRole } from './rbac/cluster-role.ts'
import { roleBinding } from './rbac/role-binding.ts'
import { role } from './rbac/role.ts'
import { priorityClass } from './scheduling/priority-class.ts'
import { storageClass } from './storage/storage-class.ts'
import { startGeneration } from './generation.ts'
import { plainRules } from './plain-rules.ts'
import { plainTables } from './plain-tables.ts'
import { resourceFacts, type ResourceFact } from './resource-facts.ts'
import { namesOf } from './resource-names.ts'

const ownFiles: readonly Kind[] = [
  mutatingWebhookConfiguration,
  validatingWebhookConfiguration,
  customResourceDefinition,
  apiService,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  horizontalPodAutoscaler,
  horizontalPodAutoscalerV1,
  cronJob,
  job,
  certificateSigningRequest,
  clusterTrustBundle,
  clusterTrustBundleAlpha,
  podCertificateRequest,
  lease,
  configMap,
  endpoints,
  event,
  limitRange,
  namespace,
  node,
  persistentVolumeClaim,
  persistentVolume,
  podTemplate,
  pod,
  replicationController,
  resourceQuota,
  secret,
  serviceAccount,
  service,
  endpointSlice,
  groupedEvent,
  decision,
  timeline,
  clock,
  lab,
  machine,
  nodeMetrics,
  podMetrics,
  ingressClass,
  ingress,
  networkPolicy,
  podDisruptionBudget,
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
  priorityClass,
  storageClass,
]

const resourceKey = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`
const nameKey = (apiVersion: string, kind: string): string => `${apiVersion} ${kind}`

const withFile = new Map(ownFiles.map((kind) => [resourceKey(kind.group, kind.version, kind.plural), kind]))

function fromFact(fact: ResourceFact): Kind {
  const { short, categories, nameRule, countsGenerations, selectable } = namesOf(fact.group, fact.resource)
  const key = fact.group === '' ? fact.resource : `${fact.resource}.${fact.group}`
  const columns = plainTables[key]
  const hasStatus = 'status' in fact.subresources
  const plain = plainRules(fact.group, fact.version, fact.resource)
  return defineKind<DynamicObject>({
    group: fact.group,
    version: fact.version,
    kind: fact.kind,
    plural: fact.resource,
    scope: fact.namespaced ? 'Namespaced' : 'Cluster',
    ...(short === undefined ? {} : { short }),
    ...(categories === undefined ? {} : { categories }),
    ...(nameRule === undefined ? {} : { nameRule }),
    ...(selectable === undefined ? {} : { selectableFields: readersOf(selectable) }),
    ...(columns === undefined ? {} : { columns, ownColumns: true }),
    ...plain,
    subresources: hasStatus ? { status: true } : {},
    ...policyRules[key],
    ...flowControlRules[key],
    prepareCreate(draft: DynamicObject) {
      if (hasStatus) draft.status = {}
      if (countsGenerations === true) startGeneration(draft)
      plain.prepareCreate?.(draft)
    },
  })
}

function readersOf(paths: readonly string[]): Record<string, (object: DynamicObject) => string> {
  const read = (object: unknown, path: string): string => {
    let value = object
    for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name]
    return typeof value === 'string' ? value : ''
  }
  return Object.fromEntries(paths.map((path) => [path, (object: DynamicObject) => read(object, path)]))
}

/** Every resource that the server knows without a CRD, in the order of the schema data. */
export const kinds: readonly Kind[] = resourceFacts.map(
  (fact) => withFile.get(resourceKey(fact.group, fact.version, fact.resource)) ?? fromFact(fact),
)

const byResource = new Map(kinds.map((kind) => [resourceKey(kind.group, kind.version, kind.plural), kind]))
const byName = new Map(kinds.map((kind) => [nameKey(kind.apiVersion, kind.kind), kind]))

/** The built-in kind behind a path such as `/apis/apps/v1/…/deployments`. */
export function kindByResource(group: string, version: string, plural: string): Kind | undefined {
  return byResource.get(resourceKey(group, version, plural))
}

/** The built-in kind that an object's `apiVersion` and `kind` mean. */
export function kindByName(apiVersion: string, kind: string): Kind | undefined {
  return byName.get(nameKey(apiVersion, kind))
}
