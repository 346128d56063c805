/** A node gets tokens only for its own pods, and only for the audiences that these ask for. */
import { forbiddenRequest } from '../../api/errors.ts'
import type { TokenRequest } from '../../api/types/authentication-v1.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.ts'
import type { CSIDriver } from '../../api/types/storage-v1.ts'
import { nodeOfUser } from '../authorization/node-authorizer.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { Operation, ServerParts } from '../operation.ts'

type Spec = NonNullable<TokenRequest['spec']>

/** Throws `Forbidden` for a node that asks for more. */
export function refuseNodeToken(parts: ServerParts, operation: Operation, spec: Spec): void {
  const { kind, target, user } = operation
  const node = nodeOfUser(user)
  if (node === undefined) return
  const refuse = (detail: string): Error => forbiddenRequest(kind, target.name, detail)
  const { kind: boundKind, name = '', uid = '' } = spec.boundObjectRef ?? {}
  if (boundKind !== 'Pod' || name === '') throw refuse('node requested token not bound to a pod')
  if (uid === '') throw refuse('node requested token with a pod binding without a uid')
  const pod = parts.cache.resource('core/pods').get(`${target.namespace}/${name}`)?.object as Pod | undefined
  // A pod that is not there, or is another one, is the handler's to tell.
  if (pod === undefined) return
  if (pod.spec?.nodeName !== node) throw refuse('node requested token bound to a pod scheduled on a different node')
  refuseAudiences(parts, operation, spec.audiences ?? [], pod, refuse)
}

/** One at most: that of a volume of the pod, or one that a role lets the node ask for. */
function refuseAudiences(
  { cache, authorizer }: ServerParts,
  { target, user }: Operation,
  audiences: readonly string[],
  pod: Pod,
  refuse: (detail: string) => Error,
): void {
  if (audiences.length > 1) throw refuse('node may only request 0 or 1 audiences')
  const [audience = ''] = audiences
  if (volumeAudiences(pod, cache).has(audience)) return
  const { namespace, name } = target
  const asked = { group: '', version: 'v1', plural: audience, namespace, name, subresource: '', rest: [] }
  const verb = 'request-serviceaccounts-token-audience'
  if (audience !== '' && authorizer.decide(user, { type: 'resource', verb, target: asked }).allowed) return
  const words = `audience ${JSON.stringify(audience)} not found in pod spec volume`
  throw refuse(`${words}, ${user.name} is not authorized to request tokens for this audience`)
}

/** The empty one is the server's own: what a volume says that names none. */
function volumeAudiences({ spec, metadata }: Pod, cache: WatchCache): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { projected, csi, persistentVolumeClaim, ephemeral, name } of spec?.volumes ?? []) {
    for (const { serviceAccountToken } of projected?.sources ?? [])
      if (serviceAccountToken !== undefined) found.add(serviceAccountToken.audience ?? '')
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata?.name ?? ''}-${name}`)
    const driver = csi?.driver ?? (claim === undefined ? undefined : driverOf(cache, metadata?.namespace ?? '', claim))
    for (const audience of driverAudiences(cache, driver)) found.add(audience)
  }
  return found
}

function driverOf(cache: WatchCache, namespace: string, claimName: string): string | undefined {
  const claim = cache.resource('core/persistentvolumeclaims').get(`${namespace}/${claimName}`)?.object
  const { volumeName = '' } = (claim as PersistentVolumeClaim | undefined)?.spec ?? {}
  const volume = cache.resource('core/persistentvolumes').get(volumeName)?.object
  return (volume as PersistentVolume | undefined)?.spec?.csi?.driver
}

function driverAudiences(cache: WatchCache, driver: string | undefined): string[] {
  const stored = driver === undefined ? undefined : cache.resource('storage.k8s.io/csidrivers').get(driver)?.object
  return ((stored as CSIDriver | undefined)?.spec?.tokenRequests ?? []).map(({ audience }) => audience)
}
