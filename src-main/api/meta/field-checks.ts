/** Small checks that many fields share. Each gives the errors of one field. */
import { invalid, notSupported, required, type FieldError } from '../field-error.ts'
import { dnsSubdomainProblems, pathSegmentProblems } from './names.ts'

export const notNegative = 'must be greater than or equal to 0'
export const positive = 'must be greater than 0'
export const immutable = 'field is immutable'

/** Errors for the words of a name rule. */
export const problemsAt = (path: string, value: unknown, problems: readonly string[]): FieldError[] =>
  problems.map((problem) => invalid(path, value, problem))

/** An absent number is fine. */
export function checkNotNegative(path: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(path, value, notNegative)] : []
}

export function checkPositive(path: string, value: number | undefined): FieldError[] {
  return value !== undefined && value <= 0 ? [invalid(path, value, positive)] : []
}

/** One of the values that a field knows; an absent value is an error too. */
export function checkOneOf(path: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (value === undefined || value === '') return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

/** As `checkOneOf`, but the field may be absent. */
export function checkOptionalOneOf(
  path: string,
  value: string | undefined,
  supported: readonly string[],
): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

export function checkRequired(path: string, value: string | undefined): FieldError[] {
  return value === undefined || value === '' ? [required(path)] : []
}

const pathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const pathExpression = new RegExp(`^${pathPattern}$`)

/** A domain and a path behind it, as controllers are named: `acme.io/foo`. */
export function checkDomainPath(path: string, value: string): FieldError[] {
  if (value === '') return [required(path)]
  const slash = value.indexOf('/')
  const [domain, rest] = [value.slice(0, slash), value.slice(slash + 1)]
  if (slash < 1 || rest === '') return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const errors = problemsAt(path, domain, dnsSubdomainProblems(domain))
  const words = `Invalid path (regex used for validation is '${pathPattern}')`
  return pathExpression.test(rest) ? errors : [...errors, invalid(path, rest, words)]
}

/** A name that must be there and that may be any segment of a URL path. */
export function checkSegment(path: string, value: string | undefined, detail = ''): FieldError[] {
  return value === undefined || value === ''
    ? [required(path, detail)]
    : problemsAt(path, value, pathSegmentProblems(value))
}

/** Whether two JSON values say the same, whatever the order of their keys; absent fields count as undefined. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const a = left as Record<string, unknown>
  const b = right as Record<string, unknown>
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => sameValue(a[key], b[key]))
}

export function checkUnchanged(path: string, value: unknown, previous: unknown): FieldError[] {
  return sameValue(value, previous) ? [] : [invalid(path, value, immutable)]
}

/** The errors of every element of a list, with the element's path. */
export function checkEach<T>(
  path: string,
  values: readonly T[] | undefined,
  check: (value: T, path: string, index: number) => FieldError[],
): FieldError[] {
  return (values ?? []).flatMap((value, index) => check(value, `${path}[${index}]`, index))
}
