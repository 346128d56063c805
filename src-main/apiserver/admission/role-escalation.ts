/** Nobody gives more rights than they have: neither by writing a role nor by binding one. */
import { forbiddenRequest } from '../../api/errors.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { PolicyRule, RoleRef } from '../../api/types/rbac-v1.ts'
import { rulesCover } from '../authorization/rules.ts'
import { samePlain } from '../registry/plain.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from './admission.ts'

const group = 'rbac.authorization.k8s.io'
const everything: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

export const roleEscalation: AdmissionPlugin = {
  name: 'RoleEscalation',
  validate(request, context) {
    const { operation, kind } = request
    if (operation === 'DELETE' || kind.group !== group) return
    if (kind.plural === 'roles' || kind.plural === 'clusterroles') checkRole(request, context)
    else checkBinding(request, context)
  },
}

/** Whatever is changed, even a label: by one, a role comes to be part of others. */
function checkRole(request: AdmissionRequest, context: AdmissionContext): void {
  const { object, previous } = request
  if (isLeftToCollect(object, previous)) return
  if (mayAct(request, context, 'escalate', request.kind.plural, request.name)) return
  checkCovered(request, context, (object.rules ?? []) as PolicyRule[])
  // A role that takes in others may come to give anything.
  if (object.aggregationRule !== undefined || previous?.aggregationRule !== undefined)
    checkCovered(request, context, everything)
}

/** Only what the garbage collector writes has changed: whoever may collect need not have the rights. */
function isLeftToCollect(object: DynamicObject, previous: DynamicObject | undefined): boolean {
  if (previous === undefined) return false
  const rest = ({ metadata, ...others }: DynamicObject): object => {
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _fields, ...meta } = metadata ?? {}
    return { ...others, metadata: { ...meta, resourceVersion: '' } }
  }
  return samePlain(rest(object), rest(previous))
}

function checkBinding(request: AdmissionRequest, context: AdmissionContext): void {
  const { object, previous, namespace } = request
  if (isLeftToCollect(object, previous)) return
  const { kind, name } = object.roleRef as RoleRef
  const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles'
  if (mayAct(request, context, 'bind', plural, name)) return
  const key = kind === 'ClusterRole' ? name : `${namespace}/${name}`
  const role = context.cache.resource(`${group}/${plural}`).get(key)?.object
  // A role that is not there yet may come to mean anything.
  if (role === undefined)
    throw forbiddenRequest(request.kind, request.name, `${plural}.${group} ${JSON.stringify(name)} not found`)
  checkCovered(request, context, (role.rules ?? []) as PolicyRule[])
}

function mayAct(
  { user, namespace }: AdmissionRequest,
  { authorizer }: AdmissionContext,
  verb: 'escalate' | 'bind',
  plural: string,
  name: string,
): boolean {
  const target = { group, version: 'v1', plural, namespace, name, subresource: '', rest: [] }
  return authorizer.decide(user, { type: 'resource', verb, target }).allowed
}

function checkCovered(
  request: AdmissionRequest,
  { authorizer }: AdmissionContext,
  wanted: readonly PolicyRule[],
): void {
  const { user, kind, name, namespace } = request
  const own = authorizer.rulesFor(user, namespace).rules
  const missing = wanted.filter((rule) => !rulesCover(own, rule))
  if (missing.length === 0) return
  const who = `user ${JSON.stringify(user.name)} (groups=${quoted(user.groups)})`
  const list = missing.map(ruleText).join('\n')
  throw forbiddenRequest(kind, name, `${who} is attempting to grant RBAC permissions not currently held:\n${list}`)
}

function ruleText({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const fields = { APIGroups: apiGroups, Resources: resources, ResourceNames: resourceNames }
  const parts = Object.entries({ ...fields, NonResourceURLs: nonResourceURLs, Verbs: verbs }).flatMap(
    ([name, values]) => (values === undefined || values.length === 0 ? [] : [`${name}:${quoted(values)}`]),
  )
  return `{${parts.join(', ')}}`
}

const quoted = (values: readonly string[]): string => `[${values.map((one) => JSON.stringify(one)).join(' ')}]`
