import type { OpenApiDocuments } from '../openapi-documents.ts'
import type { Answer, ServerRequest } from '../request.ts'

const yearSeconds = 31_536_000

const v2Protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
/** The `@` of the name that clients ask for may not stand in a Content-Type. */
const v2ProtobufSent = v2Protobuf.replace('@', '.')

/** The whole document, which clients keep and ask about by its hash. */
async function v2(request: ServerRequest, documents: OpenApiDocuments): Promise<Answer> {
  const isProtobuf = (request.headers['accept'] ?? '').includes(v2Protobuf)
  const { bytes, hash } = await documents.v2(isProtobuf ? 'protobuf' : 'json')
  const etag = `"${hash}"`
  const contentType = isProtobuf ? v2ProtobufSent : 'application/json'
  const headers = { etag, vary: 'Accept', 'cache-control': 'no-cache, private' }
  return request.headers['if-none-match'] === etag
    ? { type: 'bytes', code: 304, contentType, bytes: new Uint8Array(), headers }
    : { type: 'bytes', code: 200, contentType, bytes, headers }
}

/**
 * `/openapi/v3` and the documents that it names. A document that is asked for under its hash never changes and may be
 * kept for good; under another hash the client is sent to the right one.
 */
export function openApiAnswer(
  request: ServerRequest,
  [version, ...rest]: readonly string[],
  documents: OpenApiDocuments,
): Promise<Answer> | Answer | undefined {
  if (version === 'v2' && rest.length === 0) return v2(request, documents)
  if (version !== 'v3') return undefined
  if (rest.length === 0) return documents.index().then((bytes) => json(bytes, {}))
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
