import { internalError, PageNotFoundError, StatusError } from '../api/errors.ts'
import { plainFormat } from './accept.ts'
import { response, type EncodedResponse } from './encoded-response.ts'
import { written, writtenProtobuf, type Asked } from './written-form.ts'

/** Of a request that could not even be read. */
const nothingAsked: Asked = { query: new URLSearchParams(), headers: {} }

const pageNotFound = Buffer.from('404 page not found\n')
const nosniff = { 'x-content-type-options': 'nosniff' }

/**
 * A failure as a Status, in the form that the client accepts, or in JSON. What is not a StatusError is a fault of the
 * server and shows as an internal error.
 */
export function encodeFailure(error: unknown, asked: Asked = nothingAsked): EncodedResponse {
  if (error instanceof PageNotFoundError) return response(404, 'text/plain; charset=utf-8', [pageNotFound], nosniff)
  const failure =
    error instanceof StatusError ? error : internalError(error instanceof Error ? error.message : String(error))
  const retryAfter = failure.details?.retryAfterSeconds
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  const status = failure.toStatus()
  const format = plainFormat(asked.headers['accept'], true) ?? 'json'
  return format === 'protobuf'
    ? writtenProtobuf(failure.code, { ...status }, headers)
    : written(failure.code, format, [Buffer.from(JSON.stringify(status))], asked, headers)
}
