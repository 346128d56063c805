/** The namespace and object selectors of webhooks and admission policies. */
import { notFound } from '../../../api/errors.ts'
import type { DynamicObject } from '../../../api/meta/object.ts'
import type { Selector } from '../../../api/meta/label-selector.ts'
import type { WatchCache } from '../../cache/watch-cache.ts'
import type { AdmissionRequest } from '../admission.ts'

type Labelled = Pick<AdmissionRequest, 'operation' | 'kind' | 'subresource' | 'namespace' | 'name'> &
  Pick<AdmissionRequest, 'object' | 'previous'>

/**
 * Whether the namespace of the request has the labels. Requests about other cluster-scoped objects always match; one
 * that creates or changes a Namespace is judged by the labels that the Namespace is to have. Throws `NotFound` when
 * there is no such namespace.
 */
export function namespaceMatches(selector: Selector, request: Labelled, cache: WatchCache): boolean {
  if (isEmpty(selector)) return true
  const { kind, namespace, name, operation, subresource, object } = request
  const aboutNamespace = kind.group === '' && kind.plural === 'namespaces'
  if (!aboutNamespace && namespace === '') return true
  if (aboutNamespace && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'))
    return selector.matches(object.metadata?.labels)
  const wanted = aboutNamespace ? name : namespace
  const stored = cache.resource('core/namespaces').get(wanted)
  if (stored === undefined) throw notFound({ group: '', plural: 'namespaces' }, wanted)
  return selector.matches(stored.object.metadata?.labels)
}

/** Whether the object has the labels, as it was or as it is to be. What has no metadata matches only everything. */
export function objectMatches(selector: Selector, { operation, object, previous }: Labelled): boolean {
  if (isEmpty(selector)) return true
  const has = (one: DynamicObject | undefined): boolean =>
    one?.metadata !== undefined && selector.matches(one.metadata.labels)
  return (operation !== 'DELETE' && has(object)) || has(previous)
}

const isEmpty = (selector: Selector): boolean => selector.requirements.length === 0 && !selector.matchesNothing
