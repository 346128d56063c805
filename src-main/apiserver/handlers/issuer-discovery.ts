/** How others check tokens of service accounts: OpenID Connect Discovery 1.0, of the issuer of these tokens. */
import type { Answer } from '../request.ts'
import { tokenIssuer } from '../tokens/binding.ts'
import type { PublicTokenKey } from '../tokens/signed-tokens.ts'

const configurationPath = '/.well-known/openid-configuration'
const keysPath = '/openid/v1/jwks'
export const issuerPaths: readonly string[] = [configurationPath, keysPath]

const isPath = (path: string, wanted: string): boolean => path === wanted || path === `${wanted}/`

export function issuerAnswer(path: string, keys: readonly PublicTokenKey[] | undefined): Answer | undefined {
  if (keys === undefined) return undefined
  if (isPath(path, keysPath)) return json('application/jwk-set+json', { keys })
  if (!isPath(path, configurationPath)) return undefined
  return json('application/json', {
    issuer: tokenIssuer,
    jwks_uri: `${tokenIssuer}${keysPath}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  })
}

const json = (contentType: string, content: object): Answer => ({
  type: 'bytes',
  code: 200,
  contentType,
  bytes: Buffer.from(JSON.stringify(content)),
  headers: { 'cache-control': 'public, max-age=3600' },
})
