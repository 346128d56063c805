/** The least that each built-in resource accepts, and a status that it can hold. */
import type { DynamicObject } from '../../src-main/api/meta/object.ts'

const template = (more: object = {}): object => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'registry.example/web:1' }], ...more },
})
const selector = { matchLabels: { app: 'web' } }
const webhook = {
  name: 'check.example.com',
  clientConfig: { url: 'https://hooks.example.com/check' },
  rules: [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['widgets'] }],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  failurePolicy: 'Ignore',
}
const matchConstraints = {
  resourceRules: [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['widgets'] }],
}
const mutatingPolicy = {
  spec: {
    matchConstraints,
    reinvocationPolicy: 'Never',
    mutations: [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"a": "b"}}}' },
      },
    ],
  },
}
const claimSpec = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
const requests = { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } }] } }
const oldRequests = { devices: { requests: [{ name: 'gpu', deviceClassName: 'gpu.example.com' }] } }
const slice = {
  driver: 'gpu.example.com',
  nodeName: 'node-1',
  pool: { name: 'pool', generation: 1, resourceSliceCount: 1 },
}
const taintRule = {
  spec: { deviceSelector: { driver: 'd.example.com' }, taint: { key: 'a.example/b', effect: 'NoSchedule' } },
}
const bundle = { spec: { trustBundle: '' } }
const candidate = {
  spec: {
    leaseName: 'lock',
    binaryVersion: '1.36.0',
    emulationVersion: '1.36.0',
    strategy: 'OldestEmulationVersion',
  },
}
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]

export interface MinimalObjects {
  /** PEM: what some kinds hold. */
  readonly certificate: string
  readonly certificateRequest: string
}

/** What stands beside apiVersion, kind and metadata; `index` tells apart what may exist once only. */
type Content = (index: number, given: MinimalObjects) => object

const contents: Readonly<Record<string, Content>> = {
  mutatingadmissionpolicies: () => mutatingPolicy,
  mutatingadmissionpolicybindings: () => ({ spec: { policyName: 'policy' } }),
  mutatingwebhookconfigurations: () => ({ webhooks: [webhook] }),
  validatingwebhookconfigurations: () => ({ webhooks: [webhook] }),
  validatingadmissionpolicies: () => ({ spec: { matchConstraints, validations: [{ expression: 'true' }] } }),
  validatingadmissionpolicybindings: () => ({ spec: { policyName: 'policy', validationActions: ['Deny'] } }),
  customresourcedefinitions: (index) => ({
    spec: {
      group: `group${index}.example.com`,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  }),
  apiservices: (index) => ({
    spec: {
      group: `api${index}.example.com`,
      version: 'v1',
      groupPriorityMinimum: 1000,
      versionPriority: 10,
      service: { namespace: 'default', name: 'api' },
      insecureSkipTLSVerify: true,
    },
  }),
  controllerrevisions: () => ({ revision: 1, data: { spec: { a: 'b' } } }),
  daemonsets: () => ({ spec: { selector, template: template() } }),
  deployments: () => ({ spec: { replicas: 1, selector, template: template() } }),
  replicasets: () => ({ spec: { replicas: 1, selector, template: template() } }),
  statefulsets: () => ({ spec: { replicas: 1, serviceName: 'web', selector, template: template() } }),
  replicationcontrollers: () => ({ spec: { replicas: 1, selector: { app: 'web' }, template: template() } }),
  horizontalpodautoscalers: () => ({
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 3,
    },
  }),
  cronjobs: () => ({
    spec: {
      schedule: '*/5 * * * *',
      jobTemplate: { spec: { template: template({ restartPolicy: 'Never' }) } },
    },
  }),
  jobs: () => ({ spec: { template: { spec: { ...inner(template({ restartPolicy: 'Never' })) } } } }),
  certificatesigningrequests: (_index, { certificateRequest }) => ({
    spec: {
      request: Buffer.from(certificateRequest).toString('base64'),
      signerName: 'example.com/signer',
      usages: ['client auth'],
    },
  }),
  clustertrustbundles: (_index, { certificate }) => ({ spec: { ...bundle.spec, trustBundle: certificate } }),
  configmaps: () => ({ data: { key: 'value' } }),
  secrets: () => ({ type: 'Opaque', stringData: { key: 'value' } }),
  leasecandidates: () => candidate,
  leases: () => ({ spec: { holderIdentity: 'me', leaseDurationSeconds: 30 } }),
  endpointslices: () => ({
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'] }],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  }),
  endpoints: () => ({ subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] }),
  'events.k8s.io/events': () => ({
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'example.com/controller',
    reportingInstance: 'controller-1',
    action: 'Do',
    reason: 'Test',
    type: 'Normal',
    note: 'a note',
    regarding: { kind: 'Pod', name: 'web', namespace: 'operations' },
  }),
  events: () => ({
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'operations' },
    reason: 'Test',
    message: 'a message',
    type: 'Normal',
    source: { component: 'test' },
    count: 1,
  }),
  flowschemas: () => ({
    spec: {
      matchingPrecedence: 10000,
      priorityLevelConfiguration: { name: 'global-default' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'nobody' } }],
          resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['default'] }],
        },
      ],
    },
  }),
  prioritylevelconfigurations: () => ({
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } },
  }),
  storageversions: () => ({ spec: {} }),
  limitranges: () => ({ spec: { limits: [{ type: 'Container', default: { cpu: '100m' } }] } }),
  namespaces: () => ({}),
  ingressclasses: () => ({ spec: { controller: 'example.com/controller' } }),
  ingresses: () => ({ spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } }),
  ipaddresses: () => ({ spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } } }),
  networkpolicies: () => ({ spec: { podSelector: {} } }),
  servicecidrs: (index) => ({ spec: { cidrs: [`10.${100 + index}.0.0/24`] } }),
  runtimeclasses: () => ({ handler: 'runc' }),
  nodes: () => ({ spec: { podCIDR: '10.244.9.0/24', podCIDRs: ['10.244.9.0/24'] } }),
  persistentvolumeclaims: () => claimSpec,
  persistentvolumes: () => ({
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/volume' } },
  }),
  pods: () => ({ spec: { ...inner(template()) } }),
  podtemplates: () => ({ template: template() }),
  poddisruptionbudgets: () => ({ spec: { minAvailable: 1, selector } }),
  clusterrolebindings: () => ({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'somebody' }],
  }),
  rolebindings: () => ({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'somebody' }],
  }),
  clusterroles: () => ({ rules }),
  roles: () => ({ rules }),
  deviceclasses: () => ({ spec: { selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }] } }),
  devicetaintrules: () => taintRule,
  resourceclaims: () => ({ spec: requests }),
  'v1beta1/resourceclaims': () => ({ spec: oldRequests }),
  resourceclaimtemplates: () => ({ spec: { spec: requests } }),
  'v1beta1/resourceclaimtemplates': () => ({ spec: { spec: oldRequests } }),
  resourcepoolstatusrequests: () => ({ spec: { driver: 'gpu.example.com' } }),
  resourceslices: (index) => ({
    spec: { ...slice, pool: { ...slice.pool, name: `pool-${index}` }, devices: [{ name: 'gpu-0' }] },
  }),
  'v1beta1/resourceslices': (index) => ({
    spec: { ...slice, pool: { ...slice.pool, name: `pool-${index}` }, devices: [{ name: 'gpu-0', basic: {} }] },
  }),
  resourcequotas: () => ({ spec: { hard: { 'count/widgets.example.com': '5' } } }),
  podgroups: () => ({ spec: { schedulingPolicy: { basic: {} } } }),
  workloads: () => ({ spec: { podGroupTemplates: [{ name: 'main', schedulingPolicy: { basic: {} } }] } }),
  priorityclasses: () => ({ value: 100 }),
  serviceaccounts: () => ({}),
  services: () => ({ spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }),
  csidrivers: () => ({ spec: {} }),
  csinodes: () => ({ spec: { drivers: [] } }),
  csistoragecapacities: () => ({ storageClassName: 'fast', capacity: '1Gi' }),
  storageclasses: () => ({ provisioner: 'example.com/disk' }),
  volumeattachments: () => ({
    spec: { attacher: 'example.com', nodeName: 'node-1', source: { persistentVolumeName: 'volume-1' } },
  }),
  volumeattributesclasses: () => ({ driverName: 'disk.example.com', parameters: { iops: '100' } }),
  storageversionmigrations: () => ({ spec: { resource: { group: 'apps', resource: 'deployments' } } }),
  podcertificaterequests: (_index, { certificateRequest }) => ({
    spec: {
      signerName: 'example.com/signer',
      podName: 'web',
      podUID: '6c29a5b6-2c3b-4b5c-8f2e-1f5a8b7c9d01',
      serviceAccountName: 'default',
      serviceAccountUID: '6c29a5b6-2c3b-4b5c-8f2e-1f5a8b7c9d02',
      nodeName: 'node-1',
      nodeUID: '6c29a5b6-2c3b-4b5c-8f2e-1f5a8b7c9d03',
      stubPKCS10Request: certificateRequest.replace(/-----[A-Z ]+-----|\s/g, ''),
    },
  }),
}

const inner = (podTemplate: object): object => ('spec' in podTemplate ? (podTemplate.spec as object) : {})

const condition = {
  type: 'Tested',
  status: 'True',
  reason: 'Test',
  message: 'a test set it',
  lastTransitionTime: '2026-01-02T03:04:05Z',
}

/** A status for kinds that have no conditions, or conditions of another make. */
const statuses: Readonly<Record<string, object>> = {
  apiservices: { conditions: [condition] },
  statefulsets: { replicas: 1, conditions: [condition] },
  replicasets: { replicas: 1, conditions: [condition] },
  replicationcontrollers: { replicas: 1, conditions: [condition] },
  daemonsets: {
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
    conditions: [condition],
  },
  'autoscaling/v1/horizontalpodautoscalers': { currentReplicas: 1, desiredReplicas: 1 },
  horizontalpodautoscalers: { desiredReplicas: 1, currentReplicas: 1, conditions: [condition] },
  cronjobs: { lastScheduleTime: '2026-01-02T03:04:05Z' },
  jobs: { startTime: '2026-01-02T03:04:05Z' },
  ingresses: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } },
  persistentvolumes: { phase: 'Failed', message: 'a test set it', reason: 'Test' },
  poddisruptionbudgets: {
    observedGeneration: 1,
    disruptionsAllowed: 1,
    currentHealthy: 2,
    desiredHealthy: 1,
    expectedPods: 2,
    conditions: [condition],
  },
  resourcequotas: { hard: { 'count/widgets.example.com': '5' }, used: { 'count/widgets.example.com': '1' } },
  storageversions: {
    commonEncodingVersion: 'v1',
    storageVersions: [{ apiServerID: 'a', encodingVersion: 'v1', decodableVersions: ['v1'], servedVersions: ['v1'] }],
  },
  validatingadmissionpolicies: { observedGeneration: 1, conditions: [condition] },
  volumeattachments: { attached: true },
  resourceclaims: {
    allocation: { devices: { results: [{ request: 'gpu', driver: 'd.example.com', pool: 'a', device: 'gpu-0' }] } },
    reservedFor: [{ resource: 'pods', name: 'web', uid: '1234' }],
  },
  customresourcedefinitions: { conditions: [condition] },
  resourcepoolstatusrequests: { conditions: [condition], poolCount: 0 },
  podcertificaterequests: { conditions: [{ ...condition, type: 'Denied' }] },
}

interface Resource {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
}

const lookUp = <T>(table: Readonly<Record<string, T>>, { group, version, resource }: Resource): T | undefined =>
  table[`${group}/${version}/${resource}`] ??
  table[`${group}/${resource}`] ??
  table[`${version}/${resource}`] ??
  table[resource]

/** The name that the object must have, where it is not free. */
export function minimalName({ resource }: Resource, index: number): string {
  if (resource === 'customresourcedefinitions') return `widgets.group${index}.example.com`
  if (resource === 'apiservices') return `v1.api${index}.example.com`
  if (resource === 'ipaddresses') return `10.96.7.${index}`
  if (resource === 'csidrivers') return `driver-${index}.example.com`
  if (resource === 'storageversions') return `example.com.widgets${index}`
  return `sample-${index}`
}

/** Undefined: nobody has written down how it looks. */
export function minimalObject(resource: Resource, index: number, given: MinimalObjects): DynamicObject | undefined {
  const content = lookUp(contents, resource)
  if (content === undefined) return undefined
  const { group, version, kind } = resource
  return {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: { name: minimalName(resource, index) },
    ...structuredClone(content(index, given)),
  }
}

export const minimalStatus = (resource: Resource): object =>
  structuredClone(lookUp(statuses, resource) ?? { conditions: [condition] })
