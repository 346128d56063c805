/** Tokens of service accounts: bound to an account and maybe more, and worth nothing once one of these is gone. */
import type { Pod } from '../../api/types/core-v1.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { TokenVerdict } from '../filters/authentication.ts'
import type { UserInfo } from '../request.ts'
import { accountUser, bindingOf, brokenBinding, tokenIssuer, type Binding, type Named } from './binding.ts'
import { legacyIssuer, reviewLegacyToken, legacyClaims } from './legacy-tokens.ts'
import { createSignedTokens, type Claims, type PublicTokenKey, type TokenKeys } from './signed-tokens.ts'

/** Clocks may differ by this much. */
const leewaySeconds = 10
/** What the kubelet asks for a pod by default: such tokens stay valid longer, for clients that do not read them anew. */
const renewedSeconds = 3607
const extendedSeconds = 365 * 24 * 3600

export interface ServiceAccountTokens {
  issue(binding: Binding, audiences: readonly string[], lifeSeconds: number): string
  /** A token without an end, for the secret that keeps it. */
  issueLegacy(namespace: string, account: Named, secretName: string): string
  /** What a token is worth now; undefined when it is none of a service account. */
  review(token: string, audiences: readonly string[]): TokenVerdict | undefined
  /** What others check such tokens with. */
  readonly publicKey: PublicTokenKey
}

export function createServiceAccountTokens(
  keys: TokenKeys,
  { cache, clock, random }: { readonly cache: WatchCache; readonly clock: Clock; readonly random: Random },
): ServiceAccountTokens {
  const signed = createSignedTokens(keys)
  const nowSeconds = (): number => Math.floor(clock.now() / 1000)
  return {
    publicKey: signed.publicKey,
    issue({ namespace, account, pod, node, secret }, audiences, lifeSeconds) {
      const now = nowSeconds()
      const extended = lifeSeconds === renewedSeconds && pod !== undefined && isOfServer(audiences)
      const claim = { namespace, serviceaccount: account, ...(pod && { pod }), ...(secret && { secret }) }
      return signed.sign({
        iss: tokenIssuer,
        sub: `system:serviceaccount:${namespace}:${account.name}`,
        aud: audiences.length === 0 ? [tokenIssuer] : audiences,
        iat: now,
        nbf: now,
        exp: now + (extended ? extendedSeconds : lifeSeconds),
        jti: random.uuid(),
        'kubernetes.io': { ...claim, ...(node && { node }), ...(extended && { warnafter: now + lifeSeconds }) },
      })
    },
    issueLegacy: (namespace, account, secretName) => signed.sign(legacyClaims(namespace, account, secretName)),
    review(token, audiences) {
      const claims = signed.verify(token)
      if (claims === undefined) return undefined
      if (claims['iss'] === legacyIssuer) return reviewLegacyToken(token, claims, cache, clock.now(), audiences)
      return reviewClaims(claims, audiences, nowSeconds(), cache)
    },
  }
}

const isOfServer = (audiences: readonly string[]): boolean =>
  audiences.length === 0 || (audiences.length === 1 && audiences[0] === tokenIssuer)

/** Who a token stands for, once its claims were read. */
const bearers = new WeakMap<Claims, { readonly binding: Binding; readonly user: UserInfo }>()

function bearerOf(claims: Claims): { readonly binding: Binding; readonly user: UserInfo } | undefined {
  const known = bearers.get(claims)
  if (known !== undefined) return known
  const binding = bindingOf(claims['kubernetes.io'])
  if (binding === undefined) return undefined
  const bearer = { binding, user: userOf(binding, claims['jti']) }
  bearers.set(claims, bearer)
  return bearer
}

function reviewClaims(claims: Claims, asked: readonly string[], now: number, cache: WatchCache): TokenVerdict {
  const { aud, exp, nbf } = claims
  if (claims['iss'] !== tokenIssuer) return { refusal: 'the token has another issuer' }
  const wanted = asked.length === 0 ? [tokenIssuer] : asked
  const own = Array.isArray(aud) ? aud.filter((one): one is string => typeof one === 'string') : []
  const audiences = wanted.filter((one) => own.includes(one))
  if (audiences.length === 0)
    return {
      refusal: `token audiences ${JSON.stringify(own)} is invalid for the target audiences ${JSON.stringify(wanted)}`,
    }
  if (typeof exp !== 'number' || typeof nbf !== 'number')
    return { refusal: 'service account token claims could not be validated' }
  if (now >= exp + leewaySeconds) return { refusal: 'service account token has expired' }
  if (now < nbf - leewaySeconds) return { refusal: 'service account token is not valid yet' }
  const bearer = bearerOf(claims)
  if (bearer === undefined) return { refusal: 'service account token claims could not be validated' }
  const { binding, user } = bearer
  const broken = brokenBinding(cache, binding, now * 1000)
  if (broken !== undefined) return { refusal: broken }
  const stale = staleText(claims['kubernetes.io'], binding, now)
  return { user, audiences, ...(stale === undefined ? {} : { stale }) }
}

function staleText(claim: unknown, { namespace, account }: Binding, now: number): string | undefined {
  const { warnafter } = claim as Claims
  if (typeof warnafter !== 'number' || now <= warnafter) return undefined
  return `subject: system:serviceaccount:${namespace}:${account.name}, seconds after warning threshold: ${now - warnafter}`
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
  return { ...accountUser(namespace, account), extra: Object.fromEntries(extra) }
}

/** The service account that a pod runs as. */
export const accountOf = (pod: Pod): string => pod.spec?.serviceAccountName ?? 'default'
