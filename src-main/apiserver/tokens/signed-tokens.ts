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

export interface SignedTokens {
  sign(claims: object): string
  /** The claims when the signature is ours; undefined for anything else. What they say is for the caller to check. */
  verify(token: string): Readonly<Record<string, unknown>> | undefined
  readonly publicKey: PublicTokenKey
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
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
  return {
    publicKey: { use: 'sig', kty, kid, alg: 'ES256', crv, x, y },
    sign(claims) {
      const content = `${header}.${encoded(claims)}`
      const signature = sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding })
      return `${content}.${signature.toString('base64url')}`
    },
    verify(token) {
      const [head, body, signature, ...more] = token.split('.')
      if (head === undefined || body === undefined || signature === undefined || more.length > 0) return undefined
      if (decoded(head)?.['alg'] !== 'ES256') return undefined
      const content = Buffer.from(`${head}.${body}`)
      const genuine = verify('sha256', content, { key: publicKey, dsaEncoding }, Buffer.from(signature, 'base64url'))
      return genuine ? decoded(body) : undefined
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
