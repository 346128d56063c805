/**
 * What a new node can trust of `kube-public/cluster-info` before it trusts anything: a signature for each bootstrap
 * token, by which whoever has the token can tell that the text is genuine.
 */
import { createHmac } from 'node:crypto'
import type { ConfigMap, Secret } from '../../api/types/core-v1.ts'

const content = 'kubeconfig'
const signaturePrefix = 'jws-kubeconfig-'
const idPattern = /^[a-z0-9]{6}$/

/** The data of the ConfigMap as it should be; undefined when it is. */
export function planSignatures(
  { data = {} }: ConfigMap,
  secrets: readonly Secret[],
  nowMs: number,
): Record<string, string> | undefined {
  const text = data[content]
  const kept = Object.entries(data).filter(([key]) => !key.startsWith(signaturePrefix))
  const signatures = text === undefined ? [] : secrets.flatMap((secret) => signatureOf(text, secret, nowMs))
  const wanted = Object.fromEntries([...kept, ...signatures])
  const isSame =
    Object.keys(wanted).length === Object.keys(data).length &&
    Object.entries(wanted).every(([key, value]) => data[key] === value)
  return isSame ? undefined : wanted
}

function signatureOf(text: string, secret: Secret, nowMs: number): [string, string][] {
  const value = (key: string): string => atob(secret.data?.[key] ?? '')
  const id = value('token-id')
  const key = value('token-secret')
  const isNamedSo = secret.metadata?.name === `bootstrap-token-${id}` && idPattern.test(id)
  if (!isNamedSo || key === '' || value('usage-bootstrap-signing') !== 'true') return []
  if ((endOf(secret) ?? Infinity) <= nowMs || secret.metadata?.deletionTimestamp !== undefined) return []
  return [[`${signaturePrefix}${id}`, detachedSignature(text, id, key)]]
}

/** When the token ends, in ms since 1970: a time that cannot be read is over; undefined: never. */
export function endOf({ data }: Secret): number | undefined {
  const expiration = atob(data?.['expiration'] ?? '')
  if (expiration === '') return undefined
  const end = Date.parse(expiration)
  return Number.isNaN(end) ? 0 : end
}

/** A JSON Web Signature (RFC 7515, HS256) whose content is left out: it stands beside it. */
export function detachedSignature(text: string, id: string, key: string): string {
  const encoded = (bytes: string): string => Buffer.from(bytes).toString('base64url')
  const header = encoded(JSON.stringify({ alg: 'HS256', kid: id }))
  const signature = createHmac('sha256', key)
    .update(`${header}.${encoded(text)}`)
    .digest('base64url')
  return `${header}..${signature}`
}
