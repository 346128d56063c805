/** May this user do this? The privileged group, then the node authorizer, then the stored roles; else no. */
import type { PolicyRule } from '../../api/types/rbac-v1.ts'
import type { UserInfo } from '../request.ts'
import type { AccessRequest, Decision } from './decision.ts'
import { NodeAuthorizer, nodeOfUser } from './node-authorizer.ts'
import { RoleIndex, type RoleSource } from './role-index.ts'

export interface Authorizer {
  decide(user: UserInfo, access: AccessRequest): Decision
  /** All that a user may do in a namespace, as the rules of a role. */
  rulesFor(user: UserInfo, namespace: string): KnownRules
}

export interface KnownRules {
  readonly rules: readonly PolicyRule[]
  /** Why there may be more; undefined when these are all. */
  readonly incomplete?: string
}

const privileged = 'system:masters'
const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

export function createAuthorizer(source: RoleSource): Authorizer {
  const roles = new RoleIndex(source)
  const nodes = new NodeAuthorizer(source)
  return {
    decide(user, access) {
      if (user.groups.includes(privileged)) return { allowed: true, reason: '' }
      const ofNode = nodes.decide(user, access)
      if (ofNode?.allowed === true) return ofNode
      const byRoles = roles.decide(user, access)
      if (byRoles.allowed || ofNode === undefined) return byRoles
      return { allowed: false, reason: [ofNode.reason, byRoles.reason].filter((text) => text !== '').join(', ') }
    },
    rulesFor(user, namespace) {
      if (user.groups.includes(privileged)) return { rules: everything }
      const rules = roles.rulesOf(user, namespace)
      if (nodeOfUser(user) === undefined) return { rules }
      return { rules, incomplete: 'node authorizer does not support user rule resolution' }
    },
  }
}
