/** The flow schemas and priority levels of a new cluster: `exempt` and `catch-all` must be, the others are suggested. */
import {
  anything,
  everyone,
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
} from '../../api/kinds/flowcontrol/mandatory.ts'
import type {
  FlowSchema,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  ResourcePolicyRule,
  Subject,
} from '../../api/types/flowcontrol-v1.ts'

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1'
/** Whether the server may put the spec back. */
export const autoUpdateSpec = 'apf.kubernetes.io/autoupdate-spec'
const annotations = { [autoUpdateSpec]: 'true' }

const group = (name: string): Subject => ({ kind: 'Group', group: { name } })
const user = (name: string): Subject => ({ kind: 'User', user: { name } })
const account = (namespace: string, name: string): Subject => ({
  kind: 'ServiceAccount',
  serviceAccount: { namespace, name },
})
const words = (text: string): string[] => text.split(' ')

const resources = (verbs: string, apiGroups: string, names: string, namespaces = '*'): ResourcePolicyRule => ({
  verbs: words(verbs),
  apiGroups: words(apiGroups).map((one) => (one === 'core' ? '' : one)),
  resources: words(names),
  clusterScope: namespaces === '*',
  namespaces: words(namespaces),
})

function level(
  name: string,
  shares: number,
  lendablePercent: number,
  queues?: readonly [number, number],
): PriorityLevelConfiguration {
  const [count = 0, handSize = 0] = queues ?? []
  const limitResponse =
    queues === undefined
      ? { type: 'Reject' }
      : { type: 'Queue', queuing: { queues: count, handSize, queueLengthLimit: 50 } }
  return {
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: { name, annotations },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: shares, lendablePercent, limitResponse } },
  }
}

export const defaultPriorityLevels: readonly PriorityLevelConfiguration[] = [
  ...Object.entries(mandatoryPriorityLevels).map(([name, spec]) => ({
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: { name, annotations },
    spec,
  })),
  level('system', 30, 33, [64, 6]),
  level('node-high', 40, 25, [64, 6]),
  level('leader-election', 10, 0, [16, 4]),
  level('workload-high', 40, 50, [128, 6]),
  level('workload-low', 100, 90, [128, 6]),
  level('global-default', 20, 50, [128, 6]),
]

function schema(
  name: string,
  priorityLevel: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  ...rules: PolicyRulesWithSubjects[]
): FlowSchema {
  return {
    apiVersion,
    kind: 'FlowSchema',
    metadata: { name, annotations },
    spec: {
      priorityLevelConfiguration: { name: priorityLevel },
      matchingPrecedence,
      ...(distinguisher === undefined ? {} : { distinguisherMethod: { type: distinguisher } }),
      rules,
    },
  }
}

const controllers = [user('system:kube-controller-manager')]
const system = 'kube-system'

export const defaultFlowSchemas: readonly FlowSchema[] = [
  ...Object.entries(mandatoryFlowSchemas).map(([name, spec]) => ({
    apiVersion,
    kind: 'FlowSchema',
    metadata: { name, annotations },
    spec,
  })),
  schema('probes', 'exempt', 2, undefined, {
    subjects: everyone,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  schema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [...controllers, user('system:kube-scheduler'), account(system, '*')],
    resourceRules: [resources('get create update', 'coordination.k8s.io', 'leases', system)],
  }),
  schema('endpoint-controller', 'workload-high', 150, 'ByUser', {
    subjects: [...controllers, account(system, 'endpoint-controller'), account(system, 'endpointslice-controller')],
    resourceRules: [
      resources('get create update', 'core', 'endpoints'),
      resources('get create update', 'discovery.k8s.io', 'endpointslices'),
    ].map((rule) => ({ ...rule, clusterScope: false })),
  }),
  schema('workload-leader-election', 'leader-election', 200, 'ByUser', {
    subjects: [account(system, '*')],
    resourceRules: [resources('get create update', 'coordination.k8s.io', 'leases')].map((rule) => ({
      ...rule,
      clusterScope: false,
    })),
  }),
  schema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: [group('system:nodes')],
    resourceRules: [
      resources('*', 'core', 'nodes nodes/status'),
      { ...resources('*', 'coordination.k8s.io', 'leases'), clusterScope: false },
    ],
  }),
  schema('system-nodes', 'system', 500, 'ByUser', anything(group('system:nodes'))),
  schema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', anything(...controllers)),
  schema('kube-scheduler', 'workload-high', 800, 'ByNamespace', anything(user('system:kube-scheduler'))),
  schema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', anything(account(system, '*'))),
  schema('service-accounts', 'workload-low', 9000, 'ByUser', anything(group('system:serviceaccounts'))),
  schema('global-default', 'global-default', 9900, 'ByUser', anything(...everyone)),
]
