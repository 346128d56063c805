import type { OpenApiDocuments } from '../openapi-documents.ts'
import type { Answer, ServerRequest } from '../request.ts'

const yearSeconds = 31_536_000

/**
 * `/openapi/v3` and the documents that it names. A document that is asked for under its hash never changes and may be
 * kept for good; under another hash the client is sent to the right one.
 */
export function openApiAnswer(
  request: ServerRequest,
  [version, ...rest]: readonly string[],
  documents: OpenApiDocuments,
): Answer | undefined {
  if (version !== 'v3') return undefined
  if (rest.length === 0) return json(documents.index(), {})
  const name = rest.join('/')
  const document = documents.document(name)
  if (document === undefined) return undefined
  const asked = request.query.get('hash')
  if (asked !== null && asked !== document.hash) {
    const location = `/openapi/v3/${name}?hash=${document.hash}`
    return { type: 'bytes', code: 301, contentType: 'text/plain', bytes: new Uint8Array(), headers: { location } }
  }
  const etag = `"${document.hash}"`
  const headers = {
    etag,
    vary: 'Accept',
    'cache-control': asked === null ? 'no-cache, private' : `public, max-age=${yearSeconds}, immutable`,
  }
  return request.headers['if-none-match'] === etag
    ? { type: 'bytes', code: 304, contentType: 'application/json', bytes: new Uint8Array(), headers }
    : json(document.bytes, headers)
}

const json = (bytes: Uint8Array, headers: Record<string, string>): Answer => ({
  type: 'bytes',
  code: 200,
  contentType: 'application/json',
  bytes,
  headers,
})
