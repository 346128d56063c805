/** The parameters with which a client says how fresh, or how old, the state that it wants may be. */
import { badRequest, invalidObject, StatusError } from '../../api/errors.ts'
import { fieldErrorBody, forbidden, invalid, notSupported, type FieldError } from '../../api/field-error.ts'

const listOptions = { group: 'meta.k8s.io', kind: 'ListOptions' }

export interface WantedVersion {
  /** The state of exactly this revision; absent: the newest, which satisfies every other wish. */
  readonly exact?: number
  /** What the client named. */
  readonly given?: number
}

/** Throws `Invalid` for parameters that do not go together, `Timeout` for a revision that has not happened yet. */
export function checkResourceVersion(query: URLSearchParams, current: number, continued: boolean): WantedVersion {
  const text = query.get('resourceVersion') ?? ''
  const match = query.get('resourceVersionMatch') ?? ''
  const errors = [...matchErrors(text, match, continued), ...(query.has('sendInitialEvents') ? [ofWatchesOnly] : [])]
  if (errors.length > 0) throw invalidObject(listOptions, '', errors)
  if (continued && text !== '' && text !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
  const given = parseResourceVersion(text)
  if (Number.isNaN(given))
    throw badRequest(`invalid resource version: resourceVersion: ${fieldErrorBody(noVersion(text))}`)
  if (given === undefined) return {}
  if (given > current) throw tooLargeVersion(given, current)
  // A page of a given revision shows exactly that one, as the pages after it will.
  const paged = (query.get('limit') ?? '0') !== '0' && match === '' && given > 0
  return match === 'Exact' || paged ? { exact: given, given } : { given }
}

/** Undefined for none, NaN for what is none. */
export function parseResourceVersion(text: string): number | undefined {
  return text === '' ? undefined : /^\d{1,15}$/.test(text) ? Number(text) : NaN
}

export const noVersion = (text: string): FieldError =>
  invalid('resourceVersion', text, `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)

function matchErrors(version: string, match: string, continued: boolean): FieldError[] {
  if (match === '') return []
  const refuse = (detail: string): FieldError => forbidden('resourceVersionMatch', detail)
  return [
    ...(version === '' ? [refuse('resourceVersionMatch is forbidden unless resourceVersion is provided')] : []),
    ...(continued ? [refuse('resourceVersionMatch is forbidden when continue is provided')] : []),
    ...(match !== 'Exact' && match !== 'NotOlderThan'
      ? [notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', ''])]
      : []),
    ...(match === 'Exact' && version === '0'
      ? [refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')]
      : []),
  ]
}

const ofWatchesOnly = forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')

function tooLargeVersion(given: number, current: number): StatusError {
  const text = `Too large resource version: ${given}, current: ${current}`
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  return new StatusError(504, 'Timeout', `Timeout: ${text}`, { causes, retryAfterSeconds: 1 })
}

/** Undefined when the parameter is not there. */
export function wholeNumber(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  if (!/^[+-]?\d{1,15}$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}
