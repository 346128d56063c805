/** Tokens without an end that stand in a secret of type `kubernetes.io/service-account-token`. */
import type { Secret } from '../../api/types/core-v1.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { TokenVerdict } from '../filters/authentication.ts'
import { accountUser, brokenBinding, tokenIssuer, type Named } from './binding.ts'

export const legacyIssuer = 'kubernetes/serviceaccount'
const claim = (name: string): string => `kubernetes.io/serviceaccount/${name}`
const invalidSince = 'kubernetes.io/legacy-token-invalid-since'

export const legacyClaims = (namespace: string, account: Named, secretName: string): object => ({
  iss: legacyIssuer,
  sub: `system:serviceaccount:${namespace}:${account.name}`,
  [claim('namespace')]: namespace,
  [claim('secret.name')]: secretName,
  [claim('service-account.name')]: account.name,
  [claim('service-account.uid')]: account.uid,
})

/** Worth something as long as the secret has it and the account is the one that it was made for. */
export function reviewLegacyToken(
  token: string,
  claims: Readonly<Record<string, unknown>>,
  cache: WatchCache,
  nowMs: number,
  audiences: readonly string[],
): TokenVerdict {
  const text = (name: string): string => {
    const value = claims[claim(name)]
    return typeof value === 'string' ? value : ''
  }
  const namespace = text('namespace')
  const account = { name: text('service-account.name'), uid: text('service-account.uid') }
  const stored = cache.resource('core/secrets').get(`${namespace}/${text('secret.name')}`)
  const { data = {}, metadata } = (stored?.object ?? {}) as Secret
  const kept = Buffer.from(data['token'] ?? '', 'base64').toString()
  if (kept !== token || metadata?.deletionTimestamp !== undefined) return { refusal: 'Token has been invalidated' }
  if ((metadata?.labels?.[invalidSince] ?? '') !== '')
    return { refusal: 'the token in secret has been marked as invalid' }
  const broken = brokenBinding(cache, { namespace, account }, nowMs)
  if (broken !== undefined) return { refusal: broken }
  // Such a token names no audience: it is for the API server.
  const own = audiences.length === 0 ? [tokenIssuer] : audiences.filter((one) => one === tokenIssuer)
  return own.length === 0
    ? { refusal: 'the token is not for these audiences' }
    : { user: accountUser(namespace, account), audiences: own }
}
