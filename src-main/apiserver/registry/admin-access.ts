/** Access to devices that others use goes only to namespaces that are labelled for it (KEP-5018). */
import { forbidden, type FieldError } from '../../api/field-error.ts'
import { inFormOfV1 } from '../../api/kinds/resource/flat-form.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type { ResourceClaim, ResourceClaimTemplate } from '../../api/types/resource-v1.ts'
import type { Operation, ServerParts } from '../operation.ts'

const adminLabel = 'resource.kubernetes.io/admin-access'
const words = `admin access to devices requires the \`${adminLabel}: true\` label on the containing namespace`

/** What is wrong with a new claim or template, or with the status that a claim gets. */
export function adminAccessErrors(
  { cache }: Pick<ServerParts, 'cache'>,
  { kind, target }: Pick<Operation, 'kind' | 'target'>,
  draft: DynamicObject,
  previous?: DynamicObject,
): FieldError[] {
  if (kind.group !== 'resource.k8s.io') return []
  const path = previous === undefined ? wantedPath(kind.plural, draft) : grantedPath(kind.plural, draft, previous)
  if (path === undefined) return []
  const stored = cache.resource('core/namespaces').get(target.namespace)
  if (stored === undefined) {
    const detail = `could not retrieve namespace to verify admin access: namespaces "${target.namespace}" not found`
    return [{ type: 'InternalError', path, detail }]
  }
  return stored.object.metadata?.labels?.[adminLabel] === 'true' ? [] : [forbidden(path, words)]
}

/** The first request that wants it; Kubernetes speaks of the spec of a template as of a claim's. */
function wantedPath(plural: string, draft: DynamicObject): string | undefined {
  const object = inFormOfV1(plural, draft)
  const spec =
    plural === 'resourceclaims'
      ? (object as unknown as ResourceClaim).spec
      : plural === 'resourceclaimtemplates'
        ? (object as unknown as ResourceClaimTemplate).spec?.spec
        : undefined
  const index = spec?.devices?.requests?.findIndex(({ exactly }) => exactly?.adminAccess === true) ?? -1
  return index < 0 ? undefined : `spec.devices.requests[${index}].adminAccess`
}

const firstGranted = (claim: DynamicObject): number =>
  (claim as unknown as ResourceClaim).status?.allocation?.devices?.results?.findIndex(
    ({ adminAccess }) => adminAccess === true,
  ) ?? -1

/** What was granted once stays. */
function grantedPath(plural: string, draft: DynamicObject, previous: DynamicObject): string | undefined {
  if (plural !== 'resourceclaims' || firstGranted(previous) >= 0) return undefined
  const index = firstGranted(draft)
  return index < 0 ? undefined : `status.allocation.devices.results[${index}].adminAccess`
}
