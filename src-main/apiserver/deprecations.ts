import type { Kind } from '../api/define-kind.ts'
import { resourceKey } from './registry/keys.ts'

/** Kinds of the release that are on their way out, with the words that Kubernetes warns their users with. */
const deprecated: Readonly<Record<string, string>> = {
  'core/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
  'core/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
}

/** What a client is told that uses this kind; undefined where there is nothing to say. */
export const deprecationOfKind = (kind: Kind): string | undefined =>
  kind.custom === undefined ? deprecated[resourceKey(kind)] : kind.custom.deprecation
