/** The objects that a binding hands to its policy as `params`. */
import type { Kind } from '../../../api/define-kind.ts'
import { labelSelectorFrom } from '../../../api/meta/label-selector.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type { ParamKind, ParamRef } from '../../../api/types/admissionregistration-v1.ts'
import { convert } from '../../registry/versions.ts'
import { objectKey, resourceKey } from '../../registry/keys.ts'
import type { MatchSources } from '../match/match-resources.ts'

export type Params =
  /** One evaluation for each; null: without parameters. None: there is nothing to evaluate. */
  { readonly objects: readonly (DynamicObject | null)[] } | { readonly problem: string }

export function paramsOf(
  kind: ParamKind | undefined,
  ref: ParamRef | undefined,
  namespace: string,
  sources: MatchSources,
): Params {
  if (kind === undefined || ref === undefined) return { objects: [null] }
  const { apiVersion = '', kind: name = '' } = kind
  const paramKind = sources.kinds.findByName(apiVersion, name)
  if (paramKind === undefined)
    return { problem: `failed to find resource referenced by paramKind: '${apiVersion}, Kind=${name}'` }
  const place = placeOf(paramKind, ref, namespace)
  if (typeof place !== 'string') return place
  const objects = found(paramKind, ref, place, sources)
  if (objects.length > 0) return { objects }
  return ref.parameterNotFoundAction === 'Deny'
    ? { problem: 'no params found for policy binding with `Deny` parameterNotFoundAction' }
    : { objects: [] }
}

/** The namespace to look in, empty for parameters of the cluster. */
function placeOf(kind: Kind, { namespace = '' }: ParamRef, requested: string): string | { problem: string } {
  if (!kind.namespaced)
    return namespace === ''
      ? ''
      : { problem: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' }
  if (namespace !== '') return namespace
  return requested === ''
    ? { problem: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' }
    : requested
}

function found(
  kind: Kind,
  { name = '', selector }: ParamRef,
  namespace: string,
  { cache }: MatchSources,
): DynamicObject[] {
  const resource = cache.resource(resourceKey(kind))
  if (name !== '') {
    const stored = resource.get(objectKey(kind, namespace, name))
    return stored === undefined ? [] : [convert(stored.object, kind)]
  }
  const wanted = labelSelectorFrom(selector)
  const selection = {
    ...(kind.namespaced ? { namespace } : {}),
    matches: ({ metadata }: DynamicObject) => wanted.matches(metadata?.labels),
  }
  return resource.list(selection).map(({ object }) => convert(object, kind))
}
