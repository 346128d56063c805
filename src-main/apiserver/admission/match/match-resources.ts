/** The `matchResources` of policies and bindings, and the like of webhooks, read once and asked for every request. */
import type { Kind } from '../../../api/define-kind.ts'
import { labelSelectorFrom } from '../../../api/meta/label-selector.ts'
import type { MatchResources } from '../../../api/types/admissionregistration-v1.ts'
import type { WatchCache } from '../../cache/watch-cache.ts'
import type { KindRegistry } from '../../kind-registry.ts'
import type { AdmissionRequest } from '../admission.ts'
import { kindMatched, type MatchPolicy } from './equivalent.ts'
import { namespaceMatches, objectMatches } from './selectors.ts'

export interface MatchSources {
  readonly cache: WatchCache
  readonly kinds: KindRegistry
}

export interface ResourceMatcher {
  /**
   * The kind through which the request is matched, which may be another version of its own; undefined when the
   * request is none of these. Throws `NotFound` when it needs the labels of a namespace that is not there.
   */
  match(request: AdmissionRequest, sources: MatchSources): Kind | undefined
}

/** Without resource rules every resource matches, as bindings have it. Throws SelectorError for a bad selector. */
export function compileMatchResources(resources: MatchResources): ResourceMatcher {
  const { resourceRules = [], excludeResourceRules = [] } = resources
  const policy: MatchPolicy = resources.matchPolicy === 'Exact' ? 'Exact' : 'Equivalent'
  const namespaces = labelSelectorFrom(resources.namespaceSelector ?? {})
  const objects = labelSelectorFrom(resources.objectSelector ?? {})
  return {
    match(request, { cache, kinds }) {
      if (kindMatched(excludeResourceRules, policy, request, kinds) !== undefined) return undefined
      const kind = resourceRules.length === 0 ? request.kind : kindMatched(resourceRules, policy, request, kinds)
      if (kind === undefined || !objectMatches(objects, request)) return undefined
      return namespaceMatches(namespaces, request, cache) ? kind : undefined
    },
  }
}
