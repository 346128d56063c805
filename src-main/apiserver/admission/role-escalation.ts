/** Nobody gives more rights than they have: neither by writing a role nor by binding one. */
import { forbiddenRequest } from '../../api/errors.ts'
import type { PolicyRule, RoleRef } from '../../api/types/rbac-v1.ts'
import { isAllowed, rulesFor } from '../filters/authorization.ts'
import { rulesCover } from '../filters/role-rights.ts'
import { samePlain } from '../registry/plain.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

const group = 'rbac.authorization.k8s.io'

export const roleEscalation: AdmissionPlugin = {
  name: 'RoleEscalation',
  validate(request, context) {
    const { operation, kind } = request
    if (operation === 'DELETE' || kind.group !== group) return
    if (kind.plural === 'roles' || kind.plural === 'clusterroles') checkRole(request, context)
    else checkBinding(request, context)
  },
}

function checkRole(request: AdmissionRequest, context: AdmissionContext): void {
  const { object, previous } = request
  if (previous !== undefined && samePlain(object.rules, previous.rules)) return
  if (mayAct(request, context, 'escalate', request.kind.plural, request.name)) return
  checkCovered(request, context, (object.rules ?? []) as PolicyRule[])
}

function checkBinding(request: AdmissionRequest, context: AdmissionContext): void {
  const { object, previous, namespace } = request
  const unchanged = samePlain(object.subjects, previous?.subjects) && samePlain(object.roleRef, previous?.roleRef)
  if (previous !== undefined && unchanged) return
  const { kind, name } = object.roleRef as RoleRef
  const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles'
  if (mayAct(request, context, 'bind', plural, name)) return
  const key = kind === 'ClusterRole' ? name : `${namespace}/${name}`
  const role = context.cache.resource(`${group}/${plural}`).get(key)?.object
  // A role that is not there yet may come to mean anything.
  if (role === undefined)
    throw forbiddenRequest(request.kind, request.name, `${plural} ${JSON.stringify(name)} not found`)
  checkCovered(request, context, (role.rules ?? []) as PolicyRule[])
}

function mayAct(
  { user, namespace }: AdmissionRequest,
  { cache }: AdmissionContext,
  verb: 'escalate' | 'bind',
  plural: string,
  name: string,
): boolean {
  const target = { group, version: 'v1', plural, namespace, name, subresource: '', rest: [] }
  return isAllowed(user, { type: 'resource', verb, target }, cache)
}

function checkCovered(request: AdmissionRequest, { cache }: AdmissionContext, wanted: readonly PolicyRule[]): void {
  const { user, kind, name, namespace } = request
  const own = rulesFor(user, namespace, cache)
  const missing = wanted.filter((rule) => !rulesCover(own, rule))
  if (missing.length === 0) return
  const list = missing.map((rule) => JSON.stringify(rule)).join('\n')
  const detail = `user ${JSON.stringify(user.name)} is attempting to grant RBAC permissions not currently held:\n${list}`
  throw forbiddenRequest(kind, name, detail)
}
