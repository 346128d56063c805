/** The values of the variables for one request, each read at most once and only when it is asked for. */
import type { Kind } from '../../../api/define-kind.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type { Activation } from '../../cel/compile.ts'
import { AuthorizerValue, ResourceCheck, type Authorizer } from '../../cel/library/authorizer.ts'
import { fromJson } from '../../cel/values/json.ts'
import type { Value } from '../../cel/values/value.ts'
import type { WatchCache } from '../../cache/watch-cache.ts'
import { seenAs } from '../seen-as.ts'
import type { AdmissionContext, AdmissionRequest } from '../admission.ts'
import { namespaceType, requestData, requestType } from './request-type.ts'

/** What expressions look things up in. */
export type ExpressionSources = Pick<AdmissionContext, 'cache' | 'authorizer'>

/** `matched` is the kind through which the objects are to be seen. */
export function admissionActivation(request: AdmissionRequest, matched: Kind, sources: ExpressionSources): Activation {
  const seen = (object: DynamicObject | undefined): Value =>
    object === undefined ? null : fromJson(seenAs(request, object, matched))
  const authorizer = (): AuthorizerValue => new AuthorizerValue(authorizerFor(request, sources))
  const readers: Readonly<Record<string, () => Value>> = {
    object: () => (request.operation === 'DELETE' ? null : seen(request.object)),
    oldObject: () => seen(request.previous),
    request: () => fromJson({ ...requestData(request, matched), ...optionsOf(request) }, requestType),
    namespaceObject: () => namespaceOf(request, sources.cache),
    authorizer,
    'authorizer.requestResource': () => requestResource(authorizer(), request, matched),
  }
  const known = new Map<string, Value>()
  return (name) => {
    const value = known.get(name) ?? (Object.hasOwn(readers, name) ? readers[name]?.() : undefined)
    if (value !== undefined) known.set(name, value)
    return value
  }
}

function optionsOf({ options }: AdmissionRequest): object {
  return options === undefined ? {} : { options: options() }
}

function namespaceOf({ kind, namespace, name }: AdmissionRequest, cache: WatchCache): Value {
  const aboutNamespace = kind.group === '' && kind.plural === 'namespaces'
  const wanted = aboutNamespace ? name : namespace
  if (wanted === '' || aboutNamespace) return null
  const stored = cache.resource('core/namespaces').get(wanted)
  return stored === undefined ? null : fromJson(stored.object, namespaceType)
}

function requestResource(
  authorizer: AuthorizerValue,
  request: AdmissionRequest,
  { group, plural }: Kind,
): ResourceCheck {
  const { namespace, name, subresource } = request
  return new ResourceCheck(authorizer, { group, resource: plural, subresource, namespace, name })
}

function authorizerFor({ user, kind }: AdmissionRequest, { authorizer }: ExpressionSources): Authorizer {
  return (question, account) => {
    const asking = account === undefined ? user : accountUser(account.namespace, account.name)
    if (question.type === 'path') return authorizer.decide(asking, question)
    const { group, resource, subresource, namespace, name, verb } = question
    const target = { group, version: kind.version, plural: resource, subresource, namespace, name, rest: [] }
    return authorizer.decide(asking, { type: 'resource', verb, target })
  }
}

const accountUser = (namespace: string, name: string): AdmissionRequest['user'] => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
})
