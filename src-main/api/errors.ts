/** Errors as the API answers them: a `Status` with code, reason and details. */
import { fieldErrorBody, type FieldError } from './field-error.ts'
import type { Status, StatusDetails } from './types/meta-v1.ts'

export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServerTimeout'
  | 'ServiceUnavailable'
  | 'Timeout'
  /** Of a failure that Kubernetes itself has no reason for. */
  | ''

/** What a message is about: `deployments.apps "web"`. */
export interface ResourceName {
  readonly group: string
  readonly plural: string
}

export class StatusError extends Error {
  override readonly name = 'StatusError'
  /** The HTTP status. */
  readonly code: number
  readonly reason: StatusReason
  readonly details: StatusDetails | undefined

  constructor(code: number, reason: StatusReason, message: string, details?: StatusDetails) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    }
  }
}

export function isReason(error: unknown, ...reasons: StatusReason[]): error is StatusError {
  return error instanceof StatusError && reasons.includes(error.reason)
}

/** The error that a Status from a server stands for. */
export function errorFromStatus(status: Status): StatusError {
  return new StatusError(
    status.code ?? 500,
    (status.reason ?? 'InternalError') as StatusReason,
    status.message ?? 'the server gave no reason',
    status.details,
  )
}

const qualified = ({ group, plural }: ResourceName): string => (group === '' ? plural : `${plural}.${group}`)
const about = (resource: ResourceName, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.plural,
})

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message)
export const unauthorized = (): StatusError => new StatusError(401, 'Unauthorized', 'Unauthorized')
export const forbiddenRequest = (resource: ResourceName, name: string, message: string): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    `${qualified(resource)}${name === '' ? '' : ` ${JSON.stringify(name)}`} is forbidden: ${message}`,
    about(resource, name),
  )
export const notFound = (resource: ResourceName, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${qualified(resource)} ${JSON.stringify(name)} not found`, about(resource, name))
/** No resource at this path at all. */
export const pathNotFound = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
/** No API at this path at all: over the wire it is told in plain text, as no API knows its words there. */
export class PageNotFoundError extends StatusError {
  constructor() {
    super(404, 'NotFound', 'the server could not find the requested resource', {})
  }
}
export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
export const notAcceptable = (accepted: readonly string[]): StatusError =>
  new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`)
export const alreadyExists = (resource: ResourceName, name: string): StatusError =>
  new StatusError(
    409,
    'AlreadyExists',
    `${qualified(resource)} ${JSON.stringify(name)} already exists`,
    about(resource, name),
  )
export const conflict = (resource: ResourceName, name: string, message: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${message}`,
    about(resource, name),
  )
export const modified = (resource: ResourceName, name: string): StatusError =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  )
export const expired = (message: string): StatusError => new StatusError(410, 'Expired', message)
export const tooLarge = (message: string): StatusError => new StatusError(413, 'RequestEntityTooLarge', message)
export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )
export function invalidObject(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  // What is said twice is told once; the causes tell it twice.
  const texts = [...new Set(errors.map((error) => `${error.path}: ${fieldErrorBody(error)}`))]
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  return new StatusError(422, 'Invalid', `${qualifiedKind} ${JSON.stringify(name)} is invalid: ${list}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: errors.map((error) => ({ reason: error.type, message: fieldErrorBody(error), field: error.path })),
  })
}
export const tooManyRequests = (message: string, retryAfterSeconds: number): StatusError =>
  new StatusError(429, 'TooManyRequests', message, { retryAfterSeconds })
export const internalError = (message: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
export const serviceUnavailable = (message: string): StatusError => new StatusError(503, 'ServiceUnavailable', message)
