/** JSON Web Tokens (RFC 7519) signed with ES256, the one algorithm that is issued and accepted. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'

export interface TokenKeys {
  /** PEM of a P-256 key. */
  readonly privateKey: string
  readonly publicKey: string
}

/** A public key as a JSON Web Key (RFC 7517). */
export interface PublicTokenKey {
  readonly use: 'sig'
  readonly kty: string
  readonly kid: string
  readonly alg: 'ES256'
  readonly crv: string
  readonly x: string
  readonly y: string
}

export type Claims = Readonly<Record<string, unknown>>

export interface SignedTokens {
  sign(claims: object): string
  /**
   * The claims when the signature is ours; undefined for anything else. What they say is for the caller to check. The
   * same token gives the same claims object.
   */
  verify(token: string): Claims | undefined
  readonly publicKey: PublicTokenKey
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
/** How many genuine tokens are remembered: a client sends the same one with every request, and checking a signature is dear. */
const rememberedTokens = 4096

/** The form of an ECDSA signature in a token: two numbers, not ASN.1. */
const dsaEncoding = 'ieee-p1363'

export function createSignedTokens(keys: TokenKeys): SignedTokens {
  const privateKey = createPrivateKey(keys.privateKey)
  const publicKey = createPublicKey(keys.publicKey)
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
  const { kty = 'EC', crv = 'P-256', x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const header = encoded({ alg: 'ES256', kid })
  const genuineTokens = new Map<string, Claims>()
  return {
    publicKey: { use: 'sig', kty, kid, alg: 'ES256', crv, x, y },
    sign(claims) {
      const content = `${header}.${encoded(claims)}`
      const signature = sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding })
      return `${content}.${signature.toString('base64url')}`
    },
    verify(token) {
      const before = genuineTokens.get(token)
      if (before !== undefined) return before
      const [head, body, signature, ...more] = token.split('.')
      if (head === undefined || body === undefined || signature === undefined || more.length > 0) return undefined
      if (decoded(head)?.['alg'] !== 'ES256') return undefined
      const content = Buffer.from(`${head}.${body}`)
      const genuine = verify('sha256', content, { key: publicKey, dsaEncoding }, Buffer.from(signature, 'base64url'))
      const claims = genuine ? decoded(body) : undefined
      if (claims === undefined) return undefined
      if (genuineTokens.size === rememberedTokens) genuineTokens.clear()
      genuineTokens.set(token, claims)
      return claims
    },
  }
}

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    // Not made by us: it is worth nothing.
    return undefined
  }
}
