/**
 * Who is bound to which roles. Follows the cache, so that a question looks only at the bindings of the one who asks
 * and never at those of others, however many there are.
 */
import type { DynamicObject } from '../../api/meta/object.ts'
import type { PolicyRule, RoleRef, Subject } from '../../api/types/rbac-v1.ts'
import type { Follower } from '../cache/resource-cache.ts'
import type { UserInfo } from '../request.ts'
import type { AccessRequest, Decision } from './decision.ts'
import { ruleAllows } from './rules.ts'

const group = 'rbac.authorization.k8s.io'

/** The stored roles and bindings, such as the server's cache. `name` is `rbac.authorization.k8s.io/roles`. */
export interface RoleSource {
  resource(name: string): {
    get(key: string): { readonly object: DynamicObject } | undefined
    follow(follower: Follower): void
  }
}

type StoredBinding = DynamicObject & { readonly roleRef: RoleRef; readonly subjects?: readonly Subject[] }
type StoredRole = DynamicObject & { readonly rules?: readonly PolicyRule[] }

/** Subject → the bindings that name it, of the whole cluster (namespace '') or of one namespace. */
type BindingsOfSubject = Map<string, Set<StoredBinding>>

export class RoleIndex {
  private readonly source: RoleSource
  private readonly bindings = new Map<string, BindingsOfSubject>()

  constructor(source: RoleSource) {
    this.source = source
    for (const plural of ['clusterrolebindings', 'rolebindings'])
      source.resource(`${group}/${plural}`).follow((previous, next) => {
        if (previous !== undefined) this.remove(previous.object as StoredBinding)
        if (next !== undefined) this.add(next.object as StoredBinding)
      })
  }

  decide(user: UserInfo, access: AccessRequest): Decision {
    const problems: string[] = []
    const namespace = access.type === 'path' ? '' : access.target.namespace
    for (const [binding, subject] of this.bindingsOf(user, namespace)) {
      const role = this.roleOf(binding)
      if (role === undefined) problems.push(notFoundText(binding))
      for (const rule of role?.rules ?? [])
        if (ruleAllows(rule, access)) return { allowed: true, reason: allowedText(binding, subject) }
    }
    return { allowed: false, reason: problems.length === 0 ? '' : `RBAC: ${listText(problems)}` }
  }

  /** The rules that bindings give to a user: those of the whole cluster, and those of one namespace. */
  rulesOf(user: UserInfo, namespace: string): PolicyRule[] {
    return [...this.bindingsOf(user, namespace)].flatMap(([binding]) => [...(this.roleOf(binding)?.rules ?? [])])
  }

  private *bindingsOf(user: UserInfo, namespace: string): Iterable<[StoredBinding, string]> {
    const subjects = [`User ${user.name}`, ...user.groups.map((name) => `Group ${name}`)]
    for (const scope of namespace === '' ? [''] : ['', namespace]) {
      const ofSubject = this.bindings.get(scope)
      if (ofSubject === undefined) continue
      for (const subject of subjects) for (const binding of ofSubject.get(subject) ?? []) yield [binding, subject]
    }
  }

  private roleOf({ roleRef, metadata }: StoredBinding): StoredRole | undefined {
    const stored =
      roleRef.kind === 'ClusterRole'
        ? this.source.resource(`${group}/clusterroles`).get(roleRef.name)
        : this.source.resource(`${group}/roles`).get(`${metadata?.namespace ?? ''}/${roleRef.name}`)
    return stored?.object as StoredRole | undefined
  }

  private add(binding: StoredBinding): void {
    const scope = binding.metadata?.namespace ?? ''
    const ofSubject: BindingsOfSubject = this.bindings.get(scope) ?? new Map()
    this.bindings.set(scope, ofSubject)
    for (const subject of subjectsOf(binding)) {
      const known = ofSubject.get(subject)
      if (known === undefined) ofSubject.set(subject, new Set([binding]))
      else known.add(binding)
    }
  }

  private remove(binding: StoredBinding): void {
    const scope = binding.metadata?.namespace ?? ''
    const ofSubject = this.bindings.get(scope)
    if (ofSubject === undefined) return
    for (const subject of subjectsOf(binding)) {
      const known = ofSubject.get(subject)
      known?.delete(binding)
      if (known?.size === 0) ofSubject.delete(subject)
    }
    if (ofSubject.size === 0) this.bindings.delete(scope)
  }
}

/** An account is of the binding's own namespace, unless the binding says otherwise. */
const accountNamespace = (said = '', own = ''): string => (said === '' ? own : said)

/** A service account counts by the name of its user. */
function subjectsOf({ subjects = [], metadata }: StoredBinding): string[] {
  return subjects.map(({ kind, name, namespace }) =>
    kind === 'ServiceAccount'
      ? `User system:serviceaccount:${accountNamespace(namespace, metadata?.namespace)}:${name}`
      : `${kind} ${name}`,
  )
}

function allowedText(binding: StoredBinding, subject: string): string {
  const { name = '', namespace = '' } = binding.metadata ?? {}
  const where = namespace === '' ? name : `${name}/${namespace}`
  const [kind = '', ...rest] = subject.split(' ')
  const who = `${kind} ${JSON.stringify(rest.join(' '))}`
  const { roleRef } = binding
  return `RBAC: allowed by ${namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding'} ${JSON.stringify(where)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${who}`
}

const notFoundText = ({ roleRef }: StoredBinding): string =>
  `${roleRef.kind.toLowerCase()}.${group} ${JSON.stringify(roleRef.name)} not found`

const listText = (problems: readonly string[]): string =>
  problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`
