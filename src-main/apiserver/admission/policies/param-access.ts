/** A policy reads its parameters as the server: whoever makes it, or binds it, must be able to read them too. */
import { invalidObject } from '../../../api/errors.ts'
import { forbidden, type FieldError } from '../../../api/field-error.ts'
import type { ParamKind, ParamRef } from '../../../api/types/admissionregistration-v1.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import { samePlain } from '../../registry/plain.ts'
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../admission.ts'

const group = 'admissionregistration.k8s.io'
/** A binding → the policies of its kind. */
const policiesOf: Readonly<Record<string, string>> = {
  validatingadmissionpolicybindings: 'validatingadmissionpolicies',
  mutatingadmissionpolicybindings: 'mutatingadmissionpolicies',
}
const policies: ReadonlySet<string> = new Set(Object.values(policiesOf))

export const policyParamAccess: AdmissionPlugin = {
  name: 'PolicyParamAccess',
  validate(request, context) {
    const { kind, operation, subresource, name, object, previous } = request
    if (operation === 'DELETE' || kind.group !== group || subresource !== '') return
    if (previous !== undefined && samePlain(object.spec, previous.spec)) return
    const bound = policiesOf[kind.plural]
    const problem =
      bound !== undefined
        ? bindingProblem(request, context, bound)
        : policies.has(kind.plural)
          ? policyProblem(request, context)
          : undefined
    if (problem !== undefined) throw invalidObject(kind, name, [problem])
  },
}

const paramKindOf = (policy: DynamicObject | undefined): ParamKind | undefined =>
  (policy?.spec as { paramKind?: ParamKind } | undefined)?.paramKind

function policyProblem(request: AdmissionRequest, context: AdmissionContext): FieldError | undefined {
  const kind = paramKindOf(request.object)
  if (kind === undefined || mayGet(request, context, kind, '*', '*')) return undefined
  const words = `user ${request.user.name} must have "get" permission on all objects of the referenced paramKind`
  return forbidden('spec.paramKind', `${words} (kind=${kind.kind}, apiVersion=${kind.apiVersion})`)
}

function bindingProblem(
  request: AdmissionRequest,
  context: AdmissionContext,
  policies: string,
): FieldError | undefined {
  const { policyName = '', paramRef } = (request.object.spec ?? {}) as { policyName?: string; paramRef?: ParamRef }
  if (paramRef === undefined) return undefined
  const policy = context.cache.resource(`${group}/${policies}`).get(policyName)?.object
  const { name = '', namespace = '' } = paramRef
  // A policy that is not there yet may come to read anything.
  const kind = paramKindOf(policy) ?? { apiVersion: '*', kind: '*' }
  if (mayGet(request, context, kind, namespace === '' ? '*' : namespace, name === '' ? '*' : name)) return undefined
  return forbidden('spec.paramRef', `user ${request.user.name} must have "get" permission on what it refers to`)
}

function mayGet(
  { user }: AdmissionRequest,
  { kinds, authorizer }: AdmissionContext,
  { apiVersion = '', kind = '' }: ParamKind,
  namespace: string,
  name: string,
): boolean {
  // Of a kind that is not served, all kinds.
  const found = kinds.findByName(apiVersion, kind)
  const { group: apiGroup, version, plural, namespaced } = found ?? allKinds
  const target = { group: apiGroup, version, plural, namespace: namespaced ? namespace : '', name }
  const access = { type: 'resource', verb: 'get', target: { ...target, subresource: '', rest: [] } } as const
  return authorizer.decide(user, access).allowed
}

const allKinds = { group: '*', version: '*', plural: '*', namespaced: true }
