/** What a node may do: read what its own pods need and itself, and write what `system:node` lists. */
import { parseFieldSelector } from '../../api/meta/field-selector.ts'
import { SelectorError } from '../../api/meta/label-selector.ts'
import { nodeRules } from '../default-roles/components.ts'
import type { UserInfo } from '../request.ts'
import type { AccessRequest, Decision } from './decision.ts'
import { NodeGraph } from './node-graph.ts'
import type { Need } from './pod-references.ts'
import type { RoleSource } from './role-index.ts'
import { ruleAllows } from './rules.ts'

type ResourceAccess = Extract<AccessRequest, { type: 'resource' }>

const userPrefix = 'system:node:'
const allowed: Decision = { allowed: true, reason: '' }
const refused = (reason: string): Decision => ({ allowed: false, reason })

/** The node whose identity this is; undefined for everybody else. */
export function nodeOfUser(user: UserInfo): string | undefined {
  const isNode = user.name.startsWith(userPrefix) && user.groups.includes('system:nodes')
  return isNode ? user.name.slice(userPrefix.length) : undefined
}

/** What a node reads because a pod needs it: `group/plural/subresource` → what it is and how it may be asked for. */
const neededResources: ReadonlyMap<string, readonly [need: Need | 'volume', verbs: readonly string[]]> = new Map([
  ['/secrets/', ['secret', ['get', 'list', 'watch']]],
  ['/configmaps/', ['configmap', ['get', 'list', 'watch']]],
  ['/persistentvolumeclaims/', ['claim', ['get']]],
  ['/persistentvolumeclaims/status', ['claim', ['get', 'update', 'patch']]],
  ['/persistentvolumes/', ['volume', ['get']]],
  ['/serviceaccounts/', ['account', ['get']]],
  ['/serviceaccounts/token', ['account', ['create']]],
  ['resource.k8s.io/resourceclaims/', ['resourceclaim', ['get']]],
])

export class NodeAuthorizer {
  private readonly source: RoleSource
  private readonly graph: NodeGraph

  constructor(source: RoleSource) {
    this.source = source
    this.graph = new NodeGraph(source)
  }

  /** Undefined: this is no node, or the rules of roles may still allow it. */
  decide(user: UserInfo, access: AccessRequest): Decision | undefined {
    const node = nodeOfUser(user)
    if (node === undefined || access.type === 'path') return undefined
    const { group, plural, subresource } = access.target
    const needed = neededResources.get(`${group}/${plural}/${subresource}`)
    if (needed !== undefined) return this.decideNeeded(node, access, ...needed)
    return this.decideOwn(node, access) ?? (nodeRules.some((rule) => ruleAllows(rule, access)) ? allowed : undefined)
  }

  private decideNeeded(
    node: string,
    access: ResourceAccess,
    need: Need | 'volume',
    verbs: readonly string[],
  ): Decision {
    const { namespace, name, plural, subresource } = access.target
    const what = subresource === '' ? plural : `${plural}/${subresource}`
    if (!verbs.includes(access.verb)) return refused(`can only ${verbs.join(', ')} ${what}`)
    if (name === '') return refused(`No Object name found`)
    const found =
      need === 'volume' ? this.graph.needsVolume(node, name) : this.graph.needsOfPods(node, need, namespace, name)
    return found ? allowed : refused(`no relationship found between node '${node}' and this object`)
  }

  /** Undefined where the list of rules decides. */
  private decideOwn(node: string, access: ResourceAccess): Decision | undefined {
    const { group, plural, subresource, namespace, name } = access.target
    switch (`${group}/${plural}`) {
      case '/nodes':
        return isRead(access) && name !== node
          ? refused(`node '${node}' cannot read ${name === '' ? 'all nodes' : `'${name}'`}, only its own Node object`)
          : isRead(access) && subresource === ''
            ? allowed
            : undefined
      case '/pods':
        return isRead(access) && subresource === '' ? this.decidePods(node, access) : undefined
      case 'coordination.k8s.io/leases':
        if (namespace !== 'kube-node-lease')
          return refused('can only access leases in the "kube-node-lease" system namespace')
        return name === node || (access.verb === 'create' && name === '')
          ? undefined
          : refused('can only access node lease with the same name as the requesting node')
      case 'storage.k8s.io/csinodes':
        return name === node || (access.verb === 'create' && name === '')
          ? undefined
          : refused('can only access CSINode with the same name as the requesting node')
      case 'storage.k8s.io/volumeattachments':
        return this.isOf(node, 'storage.k8s.io/volumeattachments', name)
          ? undefined
          : refused(`no relationship found between node '${node}' and this object`)
      case 'resource.k8s.io/resourceslices':
        return this.decideSelected(node, access, 'resource.k8s.io/resourceslices')
      case 'certificates.k8s.io/podcertificaterequests':
        return this.decideSelected(node, access, 'certificates.k8s.io/podcertificaterequests', namespace)
      default:
        return undefined
    }
  }

  private decidePods(node: string, access: ResourceAccess): Decision {
    const { namespace, name } = access.target
    if (access.verb !== 'get' && selects(access, 'spec.nodeName', node)) return allowed
    if (name === '') return refused(`can only list/watch pods with spec.nodeName field selector`)
    return this.graph.hasPod(node, namespace, name)
      ? allowed
      : refused(`no relationship found between node '${node}' and this object`)
  }

  /** Objects that say which node they are of: one by one, or all of them by a field selector. */
  private decideSelected(node: string, access: ResourceAccess, resource: string, namespace = ''): Decision | undefined {
    const { name } = access.target
    if (access.verb === 'create') return undefined
    if (name === '')
      return selects(access, 'spec.nodeName', node)
        ? undefined
        : refused(`can only ${access.verb} with a spec.nodeName field selector of its own name`)
    return this.isOf(node, resource, namespace === '' ? name : `${namespace}/${name}`)
      ? undefined
      : refused(`no relationship found between node '${node}' and this object`)
  }

  private isOf(node: string, resource: string, key: string): boolean {
    const object = this.source.resource(resource).get(key)?.object as { spec?: { nodeName?: string } } | undefined
    return object?.spec?.nodeName === node
  }
}

const isRead = ({ verb }: ResourceAccess): boolean => verb === 'get' || verb === 'list' || verb === 'watch'

function selects({ fieldSelector = '' }: ResourceAccess, path: string, value: string): boolean {
  try {
    return parseFieldSelector(fieldSelector).requirements.some(
      (one) => one.path === path && one.operator === '=' && one.value === value,
    )
  } catch (error) {
    // What cannot be read selects nothing; the handler tells the client.
    if (error instanceof SelectorError) return false
    throw error
  }
}
