/** Why a field is refused. The reasons and the wording of the prefix are Kubernetes' own, for clients read them. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError'

export interface FieldError {
  readonly type: FieldErrorType
  /** For example `spec.template.spec.containers[0].image`. */
  readonly path: string
  readonly value?: unknown
  readonly detail: string
  /** The words say it without the value. */
  readonly bare?: true
}

const prefixes: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
}

const withoutValue = new Set<FieldErrorType>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
])

function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  // Revisions are unsigned, and Go writes those in hexadecimal.
  if (typeof value === 'bigint') return `0x${value.toString(16)}`
  return typeof value === 'object' || typeof value === 'string' ? JSON.stringify(value) : String(value)
}

/** The part of the message after the path, which is also the message of the Status cause. */
export function fieldErrorBody(error: FieldError): string {
  const prefix = prefixes[error.type]
  const head = withoutValue.has(error.type) || error.bare === true ? prefix : `${prefix}: ${valueText(error.value)}`
  return error.detail === '' ? head : `${head}: ${error.detail}`
}

export const required = (path: string, detail = ''): FieldError => ({ type: 'FieldValueRequired', path, detail })
export const invalid = (path: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  path,
  value,
  detail,
})
export const forbidden = (path: string, detail: string): FieldError => ({ type: 'FieldValueForbidden', path, detail })
export const duplicate = (path: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  path,
  value,
  detail: '',
})
export const notSupported = (path: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  path,
  value,
  detail: `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
})
export const tooLong = (path: string, maximumBytes: number): FieldError => ({
  type: 'FieldValueTooLong',
  path,
  detail: `may not be more than ${maximumBytes} ${maximumBytes === 1 ? 'byte' : 'bytes'}`,
})
export const tooMany = (path: string, actual: number, maximum: number): FieldError => ({
  type: 'FieldValueTooMany',
  path,
  value: actual,
  detail: `must have at most ${maximum} ${maximum === 1 ? 'item' : 'items'}`,
})
