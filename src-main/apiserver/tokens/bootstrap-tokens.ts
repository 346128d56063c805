/** Tokens by which a new node says that it belongs here, kept in secrets of kube-system. */
import type { Secret } from '../../api/types/core-v1.ts'
import type { WatchCache } from '../cache/watch-cache.ts'
import type { TokenVerdict } from '../filters/authentication.ts'

const pattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/
const secretType = 'bootstrap.kubernetes.io/token'
const worthNothing: TokenVerdict = { refusal: 'the bootstrap token is unknown, expired or not for authentication' }

/** Undefined for what does not look like one. */
export function reviewBootstrapToken(
  token: string,
  cache: WatchCache,
  nowMs: number,
  audiences: readonly string[],
): TokenVerdict | undefined {
  const [, id, secret] = pattern.exec(token) ?? []
  if (id === undefined || secret === undefined) return undefined
  const stored = cache.resource('core/secrets').get(`kube-system/bootstrap-token-${id}`)
  const { type, metadata, data = {} } = (stored?.object ?? {}) as Secret
  const value = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString()
  const isOurs = type === secretType && value('token-id') === id && sameText(value('token-secret'), secret)
  if (!isOurs || metadata?.deletionTimestamp !== undefined) return worthNothing
  if (isExpired(value('expiration'), nowMs) || value('usage-bootstrap-authentication') !== 'true') return worthNothing
  const groups = value('auth-extra-groups')
    .split(',')
    .flatMap((one) => one.trim() || [])
  if (!groups.every((group) => groupPattern.test(group))) return worthNothing
  return { user: { name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...new Set(groups)] }, audiences }
}

/** A time that cannot be read is no time in the future. */
export function isExpired(expiration: string, nowMs: number): boolean {
  return expiration !== '' && !(Date.parse(expiration) > nowMs)
}

/** As long for a wrong secret as for the right one. */
function sameText(left: string, right: string): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let at = 0; at < left.length; at++) difference |= left.charCodeAt(at) ^ right.charCodeAt(at)
  return difference === 0
}
