/** The parameters with which a client says how fresh, or how old, the state that it wants may be. */
import { badRequest, invalidObject, StatusError } from '../../api/errors.ts'
import { forbidden, invalid, notSupported, type FieldError } from '../../api/field-error.ts'

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
  const errors = query.has('sendInitialEvents') ? [ofWatchesOnly] : matchErrors(text, match, continued)
  if (errors.length > 0) throw invalidObject(listOptions, '', errors)
  const given = parseResourceVersion(text)
  if (given === undefined) return {}
  if (given > current) throw tooLargeVersion(given, current)
  // A page of a given revision shows exactly that one, as the pages after it will.
  const paged = (query.get('limit') ?? '0') !== '0' && match === '' && given > 0
  return match === 'Exact' || paged ? { exact: given, given } : { given }
}

export function parseResourceVersion(text: string): number | undefined {
  if (text === '') return undefined
  if (!/^\d{1,15}$/.test(text))
    throw invalidObject(listOptions, '', [
      invalid('resourceVersion', text, 'must be a whole number, as the server gave it'),
    ])
  return Number(text)
}

function matchErrors(version: string, match: string, continued: boolean): FieldError[] {
  if (match === '') return continued && version !== '' && version !== '0' ? [withContinue] : []
  const path = 'resourceVersionMatch'
  if (continued) return [forbidden(path, 'resourceVersionMatch is forbidden when continue is provided')]
  if (version === '') return [forbidden(path, 'resourceVersionMatch is forbidden unless resourceVersion is provided')]
  if (match !== 'Exact' && match !== 'NotOlderThan') return [notSupported(path, match, ['Exact', 'NotOlderThan'])]
  if (match === 'Exact' && version === '0')
    return [forbidden(path, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')]
  return []
}

const ofWatchesOnly = forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')
const withContinue = forbidden('resourceVersion', 'specifying resource version is not allowed when using continue')

function tooLargeVersion(given: number, current: number): StatusError {
  const text = `Too large resource version: ${given}, current: ${current}`
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  return new StatusError(504, 'Timeout', `Timeout: ${text}`, { causes, retryAfterSeconds: 1 })
}

/** Undefined when the parameter is not there. */
export function wholeNumber(text: string | null, name: string): number | undefined {
  if (text === null || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name}: ${JSON.stringify(text)} is not a whole number`)
  return Number(text)
}
