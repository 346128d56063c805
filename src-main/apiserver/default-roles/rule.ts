/** Short forms for the tables of default roles: words are separated by blanks, `core` is the group without a name. */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../../api/types/rbac-v1.ts'

export const rbacGroup = 'rbac.authorization.k8s.io'
export const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate'

export const read = 'get list watch'
export const write = 'create update patch delete deletecollection'
export const readWrite = `${read} ${write}`

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '')

export function rule(verbs: string, groups: string, resources: string, names = ''): PolicyRule {
  return {
    verbs: words(verbs),
    apiGroups: words(groups).map((group) => (group === 'core' ? '' : group)),
    resources: words(resources),
    ...(names === '' ? {} : { resourceNames: words(names) }),
  }
}

export const paths = (verbs: string, urls: string): PolicyRule => ({
  verbs: words(verbs),
  nonResourceURLs: words(urls),
})

export const events = rule('create update patch', 'core events.k8s.io', 'events')

/** The labels and the annotation by which a default role is known and kept up to date. */
const defaultMeta = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  annotations: { [autoUpdate]: 'true' },
})

export const clusterRole = (
  name: string,
  rules: readonly PolicyRule[],
  labels?: Readonly<Record<string, string>>,
): ClusterRole => ({
  apiVersion: `${rbacGroup}/v1`,
  kind: 'ClusterRole',
  metadata: defaultMeta(name, labels),
  rules: [...rules],
})

export const role = (namespace: string, name: string, rules: readonly PolicyRule[]): Role => ({
  apiVersion: `${rbacGroup}/v1`,
  kind: 'Role',
  metadata: { ...defaultMeta(name), namespace },
  rules: [...rules],
})

export const user = (name: string): Subject => ({ apiGroup: rbacGroup, kind: 'User', name })
export const group = (name: string): Subject => ({ apiGroup: rbacGroup, kind: 'Group', name })
export const account = (name: string): Subject => ({
  apiGroup: '',
  kind: 'ServiceAccount',
  namespace: 'kube-system',
  name,
})

/** Binds the cluster role of the same name. */
export const clusterBinding = (name: string, ...subjects: readonly Subject[]): ClusterRoleBinding => ({
  apiVersion: `${rbacGroup}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: defaultMeta(name),
  roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name },
  ...(subjects.length === 0 ? {} : { subjects: [...subjects] }),
})

export const roleBinding = (
  namespace: string,
  name: string,
  roleName: string,
  ...subjects: readonly Subject[]
): RoleBinding => ({
  apiVersion: `${rbacGroup}/v1`,
  kind: 'RoleBinding',
  metadata: { ...defaultMeta(name), namespace },
  roleRef: { apiGroup: rbacGroup, kind: 'Role', name: roleName },
  subjects: [...subjects],
})
