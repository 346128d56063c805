/** Who may do what: the rights of every identity that the cluster itself uses. Whoever is not named may do nothing. */
export interface Rule {
  readonly verbs: readonly string[]
  readonly groups: readonly string[]
  /** `pods`, `pods/status`; `*` is everything. */
  readonly resources: readonly string[]
  /** Absent: everywhere. */
  readonly namespaces?: readonly string[]
  /** The object must have the name of the node that asks (`system:node:<name>`). */
  readonly ownNode?: true
}

const read = ['get', 'list', 'watch']
const write = ['create', 'update', 'patch']
const all = ['*']

const events: Rule = { verbs: write, groups: ['', 'events.k8s.io'], resources: ['events'] }
const readEverything: Rule = { verbs: read, groups: all, resources: all }

const scheduler: readonly Rule[] = [
  {
    verbs: read,
    groups: [''],
    resources: [
      'nodes',
      'pods',
      'services',
      'namespaces',
      'replicationcontrollers',
      'persistentvolumes',
      'persistentvolumeclaims',
    ],
  },
  { verbs: read, groups: ['apps'], resources: ['replicasets', 'statefulsets'] },
  { verbs: read, groups: ['policy', 'storage.k8s.io', 'resource.k8s.io', 'scheduling.k8s.io'], resources: all },
  { verbs: ['create'], groups: [''], resources: ['pods/binding', 'bindings'] },
  { verbs: ['update', 'patch'], groups: [''], resources: ['pods/status'] },
  { verbs: ['delete'], groups: [''], resources: ['pods'] },
  { verbs: [...read, ...write], groups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['kube-system'] },
  events,
]

/** Namespace deletion and garbage collection delete objects of any kind; the other controllers share that identity's rules. */
const controllers: readonly Rule[] = [
  readEverything,
  { verbs: [...write, 'delete', 'deletecollection'], groups: all, resources: all },
]

const node: readonly Rule[] = [
  { verbs: read, groups: [''], resources: ['nodes', 'services', 'configmaps', 'secrets', 'pods', 'namespaces'] },
  { verbs: ['create', 'update', 'patch'], groups: [''], resources: ['nodes', 'nodes/status'], ownNode: true },
  { verbs: ['create', 'delete'], groups: [''], resources: ['pods'] },
  { verbs: ['update', 'patch'], groups: [''], resources: ['pods/status'] },
  { verbs: ['create'], groups: [''], resources: ['serviceaccounts/token'] },
  { verbs: ['get'], groups: [''], resources: ['serviceaccounts', 'persistentvolumes', 'persistentvolumeclaims'] },
  { verbs: read, groups: ['discovery.k8s.io', 'node.k8s.io', 'storage.k8s.io', 'lab.orrery.dev'], resources: all },
  {
    verbs: ['get', 'create', 'update', 'patch', 'delete'],
    groups: ['coordination.k8s.io'],
    resources: ['leases'],
    namespaces: ['kube-node-lease'],
    ownNode: true,
  },
  events,
]

const proxy: readonly Rule[] = [
  { verbs: read, groups: [''], resources: ['services', 'nodes', 'endpoints'] },
  { verbs: read, groups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  { verbs: read, groups: ['networking.k8s.io'], resources: ['servicecidrs'] },
  // The mode of the proxy is a wish of the lab.
  { verbs: read, groups: ['lab.orrery.dev'], resources: ['labs'] },
  events,
]

const lab: readonly Rule[] = [
  { verbs: all, groups: ['lab.orrery.dev'], resources: all },
  { verbs: [...read, ...write, 'delete'], groups: [''], resources: ['nodes', 'nodes/status'] },
  { verbs: read, groups: [''], resources: ['pods', 'services', 'namespaces'] },
  { verbs: [...read, ...write], groups: [''], resources: ['configmaps'], namespaces: ['kube-system', 'kube-public'] },
  events,
]

/** Everyone with a name may ask what he is and what he may do. */
const everyone: readonly Rule[] = [
  {
    verbs: ['create'],
    groups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], groups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
]

export const rulesOfUsers: ReadonlyMap<string, readonly Rule[]> = new Map([
  ['system:kube-scheduler', scheduler],
  ['system:kube-controller-manager', controllers],
  ['system:kube-proxy', proxy],
  ['orrery:lab', lab],
])

export const rulesOfGroups: ReadonlyMap<string, readonly Rule[]> = new Map([
  ['system:controllers', controllers],
  ['system:nodes', node],
  ['system:authenticated', everyone],
])

/** What anyone may ask, even without a name. */
export const openPaths: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/'])

/** Path prefixes that everyone with a name may read: how a client finds out what there is. */
export const discoveryPaths: readonly string[] = [
  '/api',
  '/apis',
  '/openapi',
  '/healthz',
  '/livez',
  '/readyz',
  '/version',
]
