import type { FieldSchema, ObjectSchema } from '../type-schema.ts'

/**
 * In Go a field is a value or a pointer. A value is always on the wire, also when it is zero, and its JSON form then
 * leaves it out; a pointer is on the wire only when it was set, and then zero means zero (`replicas: 0`). The facts of a
 * release do not tell the two apart, so:
 *
 * - a zero number or `false` is kept, unless the field is known here to be a value: keeping too much is harmless;
 * - an empty text is dropped, unless the field is required or known here to be a pointer.
 */
const valueFields = new Set(
  Object.entries({
    APIServiceSpec: 'insecureSkipTLSVerify',
    AWSElasticBlockStoreVolumeSource: 'partition',
    Container: 'stdin stdinOnce tty',
    ContainerImage: 'sizeBytes',
    ContainerPort: 'hostPort',
    ContainerStateTerminated: 'signal',
    CustomResourceColumnDefinition: 'priority',
    CustomResourceDefinitionSpec: 'preserveUnknownFields',
    CustomResourceDefinitionVersion: 'deprecated',
    DaemonSetSpec: 'minReadySeconds',
    DaemonSetStatus: 'numberAvailable numberUnavailable updatedNumberScheduled',
    DeploymentSpec: 'minReadySeconds paused',
    DeploymentStatus: 'availableReplicas readyReplicas replicas unavailableReplicas updatedReplicas',
    EphemeralContainer: 'stdin stdinOnce tty',
    Event: 'count deprecatedCount',
    GCEPersistentDiskVolumeSource: 'partition',
    ISCSIPersistentVolumeSource: 'chapAuthDiscovery chapAuthSession',
    ISCSIVolumeSource: 'chapAuthDiscovery chapAuthSession',
    JobStatus: 'active failed succeeded',
    JSONSchemaProps:
      'exclusiveMaximum exclusiveMinimum nullable uniqueItems x-kubernetes-embedded-resource x-kubernetes-int-or-string',
    NodeSpec: 'unschedulable',
    ObjectMeta: 'generation',
    PodSpec: 'hostIPC hostNetwork hostPID',
    PriorityClass: 'globalDefault',
    Probe: 'failureThreshold initialDelaySeconds periodSeconds successThreshold timeoutSeconds',
    ReplicaSetSpec: 'minReadySeconds',
    ReplicaSetStatus: 'availableReplicas fullyLabeledReplicas readyReplicas',
    ReplicationControllerSpec: 'minReadySeconds',
    ReplicationControllerStatus: 'availableReplicas fullyLabeledReplicas readyReplicas',
    ResourcePolicyRule: 'clusterScope',
    ScaleIOPersistentVolumeSource: 'sslEnabled',
    ScaleIOVolumeSource: 'sslEnabled',
    ServiceBackendPort: 'number',
    ServicePort: 'nodePort targetPort',
    ServiceSpec: 'healthCheckNodePort publishNotReadyAddresses',
    StatefulSetSpec: 'minReadySeconds',
    StatefulSetStatus: 'currentReplicas readyReplicas updatedReplicas',
    Status: 'code',
    StatusDetails: 'retryAfterSeconds',
    SubjectAccessReviewStatus: 'denied',
    TokenReviewStatus: 'authenticated',
  }).flatMap(([type, fields]) => fields.split(' ').map((field) => `${type}.${field}`)),
)
/** Names that are values wherever they occur, but for the pointers named below. */
const valueNames = new Set(['observedGeneration', 'readOnly'])
const pointersDespiteName = new Set([
  'AzureDiskVolumeSource.readOnly',
  'CSIVolumeSource.readOnly',
  'HorizontalPodAutoscalerStatus.observedGeneration',
])

/** Whether a zero number, `false` or an empty text in the field says nothing, so that Kubernetes leaves it out. */
export function leavesOutZero({ name }: ObjectSchema, field: FieldSchema): boolean {
  if (field.required) return false
  const isText = field.type.type === 'string' || field.type.type === 'bytes'
  return isText ? !isPointerText(name, field.name) : isValueField(name, field.name)
}

/** `definition` is a full name. */
function isValueField(definition: string, field: string): boolean {
  const name = `${definition.slice(definition.lastIndexOf('.') + 1)}.${field}`
  return valueFields.has(name) || (valueNames.has(field) && !pointersDespiteName.has(name))
}

/** Texts in which empty differs from absent: no storage class, not the default one; a lease that nobody holds. */
const pointerTexts = new Set(
  Object.entries({
    'io.k8s.api.core.v1.PersistentVolumeClaimSpec': 'storageClassName volumeAttributesClassName',
    'io.k8s.api.core.v1.PersistentVolumeSpec': 'volumeAttributesClassName',
    'io.k8s.api.core.v1.TypedLocalObjectReference': 'apiGroup',
    'io.k8s.api.core.v1.TypedObjectReference': 'apiGroup namespace',
    'io.k8s.api.coordination.v1.LeaseSpec': 'holderIdentity preferredHolder strategy',
    'io.k8s.api.discovery.v1.EndpointPort': 'name appProtocol',
    'io.k8s.api.networking.v1.IngressSpec': 'ingressClassName',
  }).flatMap(([type, fields]) => fields.split(' ').map((field) => `${type}.${field}`)),
)

function isPointerText(definition: string, field: string): boolean {
  return pointerTexts.has(`${definition}.${field}`)
}
