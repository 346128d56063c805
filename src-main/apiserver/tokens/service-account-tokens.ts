/** Tokens of service accounts: bound to an account and maybe to a pod, and worth nothing once one of them is gone. */
import type { Pod } from '../../api/types/core-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { UserInfo } from '../request.ts'
import { createSignedTokens, type TokenKeys } from './signed-tokens.ts'

export const tokenIssuer = 'https://kubernetes.default.svc.cluster.local'
/** Clocks may differ by this much. */
const leewaySeconds = 10

interface Named {
  readonly name: string
  readonly uid: string
}

export interface Binding {
  readonly namespace: string
  readonly account: Named
  readonly pod?: Named
  readonly node?: Named
}

export interface ServiceAccountTokens {
  issue(binding: Binding, audiences: readonly string[], lifeSeconds: number): string
  /** Who a token stands for now; undefined when it is worth nothing. */
  authenticate(token: string): UserInfo | undefined
}

export function createServiceAccountTokens(
  keys: TokenKeys,
  { cache, clock, random }: { readonly cache: WatchCache; readonly clock: Clock; readonly random: Random },
): ServiceAccountTokens {
  const signed = createSignedTokens(keys)
  const nowSeconds = (): number => Math.floor(clock.now() / 1000)
  return {
    issue({ namespace, account, pod, node }, audiences, lifeSeconds) {
      const now = nowSeconds()
      return signed.sign({
        iss: tokenIssuer,
        sub: `system:serviceaccount:${namespace}:${account.name}`,
        aud: audiences.length === 0 ? [tokenIssuer] : audiences,
        iat: now,
        nbf: now,
        exp: now + lifeSeconds,
        jti: random.uuid(),
        'kubernetes.io': { namespace, serviceaccount: account, ...(pod && { pod }), ...(node && { node }) },
      })
    },
    authenticate(token) {
      const claims = signed.verify(token)
      if (claims === undefined || !isValidNow(claims, nowSeconds())) return undefined
      const binding = bindingOf(claims['kubernetes.io'])
      if (binding === undefined || !isStillBound(cache, binding)) return undefined
      return userOf(binding, claims['jti'])
    },
  }
}

function isValidNow(claims: Readonly<Record<string, unknown>>, now: number): boolean {
  const { iss, aud, exp, nbf } = claims
  if (iss !== tokenIssuer || !Array.isArray(aud) || !aud.includes(tokenIssuer)) return false
  if (typeof exp !== 'number' || typeof nbf !== 'number') return false
  return now < exp + leewaySeconds && now >= nbf - leewaySeconds
}

function bindingOf(claim: unknown): Binding | undefined {
  const { namespace, serviceaccount, pod, node } = (claim ?? {}) as Record<string, unknown>
  const account = namedFrom(serviceaccount)
  if (typeof namespace !== 'string' || account === undefined) return undefined
  const boundPod = namedFrom(pod)
  const boundNode = namedFrom(node)
  return {
    ...{ namespace, account },
    ...(boundPod === undefined ? {} : { pod: boundPod }),
    ...(boundNode === undefined ? {} : { node: boundNode }),
  }
}

function namedFrom(value: unknown): Named | undefined {
  const { name, uid } = (value ?? {}) as Record<string, unknown>
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined
}

/** An account or pod of the same name that is another one does not count. */
function isStillBound(cache: WatchCache, { namespace, account, pod }: Binding): boolean {
  const isThere = (resource: string, { name, uid }: Named): boolean =>
    cache.resource(resource).get(`${namespace}/${name}`)?.object.metadata?.uid === uid
  return isThere('core/serviceaccounts', account) && (pod === undefined || isThere('core/pods', pod))
}

function userOf({ namespace, account, pod, node }: Binding, id: unknown): UserInfo {
  const facts = {
    'credential-id': typeof id === 'string' ? `JTI=${id}` : undefined,
    'pod-name': pod?.name,
    'pod-uid': pod?.uid,
    'node-name': node?.name,
    'node-uid': node?.uid,
  }
  const extra = Object.entries(facts).flatMap(([name, value]): [string, string[]][] =>
    value === undefined ? [] : [[`authentication.kubernetes.io/${name}`, [value]]],
  )
  return {
    name: `system:serviceaccount:${namespace}:${account.name}`,
    uid: account.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: Object.fromEntries(extra),
  }
}

/** The service account that a pod runs as. */
export const accountOf = (pod: Pod): string => pod.spec?.serviceAccountName ?? 'default'
