/** What objects of the release's types have before anybody says anything: an empty part is there, and so nobody brings it. */
import type { ObjectSchema, TypeSchema } from '../../api/schema/type-schema.ts'

/**
 * Fields whose parts are there from the beginning, beside every `metadata`, `spec` and `status`: `Owner.field`. All
 * others of their kind appear when they are written.
 */
const embedded: ReadonlySet<string> = new Set([
  'Container.resources',
  'CronJobSpec.jobTemplate',
  'CustomResourceDefinitionSpec.names',
  'CustomResourceDefinitionStatus.acceptedNames',
  'DaemonSetSpec.template',
  'DaemonSetSpec.updateStrategy',
  'DeploymentSpec.strategy',
  'DeploymentSpec.template',
  'EphemeralContainer.resources',
  'Event.deprecatedSource',
  'Event.source',
  'FlowSchemaSpec.priorityLevelConfiguration',
  'HorizontalPodAutoscalerSpec.scaleTargetRef',
  'IngressStatus.loadBalancer',
  'JobSpec.template',
  'NodeDaemonEndpoints.kubeletEndpoint',
  'NodeStatus.daemonEndpoints',
  'NodeStatus.nodeInfo',
  'PersistentVolumeClaimSpec.resources',
  'PodTemplate.template',
  'ReplicaSetSpec.template',
  'ResourceClaimSpec.devices',
  'ResourceSliceSpec.pool',
  'ServiceStatus.loadBalancer',
  'StatefulSetSpec.template',
  'StatefulSetSpec.updateStrategy',
  'VolumeAttachmentSpec.source',
])

const everywhere: ReadonlySet<string> = new Set(['metadata', 'spec', 'status'])
const nothing: ReadonlyMap<string, object> = new Map()
const known = new WeakMap<ObjectSchema, ReadonlyMap<string, object>>()

/** Field → what is there of it; empty for what is no type of the release, such as a custom object beneath its metadata. */
export function bornFields(type: TypeSchema | undefined): ReadonlyMap<string, object> {
  if (type?.type !== 'object') return nothing
  const before = known.get(type)
  if (before !== undefined) return before
  const fields = new Map(
    [...type.fields.keys()].flatMap((name): [string, object][] => {
      const value = bornValue(type, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  known.set(type, fields)
  return fields
}

function bornValue({ name: owner, fields }: ObjectSchema, name: string): object | undefined {
  if (!owner.startsWith('io.k8s.')) return name === 'metadata' ? {} : undefined
  const field = fields.get(name)
  if (field?.type.type === 'array') return field.required ? [] : undefined
  if (field?.type.type !== 'object') return undefined
  return everywhere.has(name) || embedded.has(`${owner.slice(owner.lastIndexOf('.') + 1)}.${name}`) ? {} : undefined
}
