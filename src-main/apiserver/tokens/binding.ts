/** What a token is bound to, and whether all of that is still there. */
import type { WatchCache } from '../cache/watch-cache.ts'
import type { UserInfo } from '../request.ts'

export const tokenIssuer = 'https://kubernetes.default.svc.cluster.local'

export interface Named {
  readonly name: string
  readonly uid: string
}

export interface Binding {
  readonly namespace: string
  readonly account: Named
  readonly pod?: Named
  readonly secret?: Named
  /** The node of the pod; without a pod the node that the token is bound to itself. */
  readonly node?: Named
}

export const accountUser = (namespace: string, account: Named): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${account.name}`,
  uid: account.uid,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
})

/** What is being deleted counts as there for so long after its time, as other servers may be behind. */
const deletionLeewayMs = 60_000

/** Undefined for a claim that we did not make. */
export function bindingOf(claim: unknown): Binding | undefined {
  const { namespace, serviceaccount, ...others } = (claim ?? {}) as Record<string, unknown>
  const account = namedFrom(serviceaccount)
  if (typeof namespace !== 'string' || account === undefined) return undefined
  const pod = namedFrom(others['pod'])
  const secret = namedFrom(others['secret'])
  const node = namedFrom(others['node'])
  return { namespace, account, ...(pod && { pod }), ...(secret && { secret }), ...(node && { node }) }
}

function namedFrom(value: unknown): Named | undefined {
  const { name, uid } = (value ?? {}) as Record<string, unknown>
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined
}

/** Why the token is worth nothing any more. Something else of the same name does not count. */
export function brokenBinding(cache: WatchCache, binding: Binding, nowMs: number): string | undefined {
  const { namespace, account, pod, secret, node } = binding
  const inNamespace = ({ name }: Named): string => `${namespace}/${name}`
  return (
    fault(cache, 'core/serviceaccounts', inNamespace(account), account, nowMs) ??
    (secret && fault(cache, 'core/secrets', inNamespace(secret), secret, nowMs)) ??
    (pod && fault(cache, 'core/pods', inNamespace(pod), pod, nowMs)) ??
    (node && pod === undefined ? fault(cache, 'core/nodes', node.name, node, nowMs) : undefined)
  )
}

function fault(cache: WatchCache, resource: string, key: string, { uid }: Named, nowMs: number): string | undefined {
  const meta = cache.resource(resource).get(key)?.object.metadata
  const { deletionTimestamp } = meta ?? {}
  const isGoing = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + deletionLeewayMs < nowMs
  return meta?.uid === uid && !isGoing ? undefined : 'service account token has been invalidated'
}
