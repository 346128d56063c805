/** How drivers, pools, devices and what is said of them are named. */
import { invalid, required, tooLong, type FieldError } from '../../field-error.ts'
import { problemsAt } from '../../meta/field-checks.ts'
import { dnsLabelProblems, dnsSubdomainProblems, identifierProblems } from '../../meta/names.ts'
import { textBytes } from '../core/data-validation.ts'
import { checkDriverName } from '../core/volume-sources/driver-source.ts'

const longestPoolName = 253
const longestIdentifier = 32
/** A domain, a slash and an identifier. */
export const longestQualifiedName = 63 + 1 + longestIdentifier

/** Devices, requests, counters and sets of counters. */
export const checkLabelName = (path: string, name = ''): FieldError[] => problemsAt(path, name, dnsLabelProblems(name))

export const checkNodeName = (path: string, name: string): FieldError[] =>
  problemsAt(path, name, dnsSubdomainProblems(name))

export const checkClassName = (path: string, name = ''): FieldError[] =>
  name === '' ? [required(path)] : problemsAt(path, name, dnsSubdomainProblems(name))

/** Subdomains with slashes between them. */
export function checkPoolName(path: string, name = ''): FieldError[] {
  if (name === '') return [required(path)]
  const errors = textBytes(name) > longestPoolName ? [tooLong(path, longestPoolName)] : []
  return [...errors, ...name.split('/').flatMap((part) => problemsAt(path, part, dnsSubdomainProblems(part)))]
}

function checkIdentifier(path: string, id: string): FieldError[] {
  const errors = textBytes(id) > longestIdentifier ? [tooLong(path, longestIdentifier)] : []
  return [...errors, ...problemsAt(path, id, identifierProblems(id))]
}

/** `[domain/]identifier`; more slashes than one are let through, as in Kubernetes v1.36. */
export function checkQualifiedName(path: string, name: string): FieldError[] {
  const [domain = '', id, ...more] = name.split('/')
  if (id === undefined) return checkIdentifier(path, domain)
  if (more.length > 0) return []
  return [
    ...(domain === '' ? [invalid(path, '', 'the domain must not be empty')] : checkDriverName(path, domain)),
    ...(id === '' ? [invalid(path, '', 'the name must not be empty')] : checkIdentifier(path, id)),
  ]
}

export function checkFullyQualifiedName(path: string, name: string): FieldError[] {
  const words = 'a fully qualified name must be a domain and a name separated by a slash'
  return [...checkQualifiedName(path, name), ...(name.includes('/') ? [] : [invalid(path, name, words)])]
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const urnPrefix = 'urn:uuid:'

/** One form alone, though several can be read. */
export function checkShareId(path: string, id: string | undefined): FieldError[] {
  if (id === undefined) return []
  const problem = uuidProblem(id)
  if (problem !== undefined) return [invalid(path, id, `error validating uid: ${problem}`)]
  if (id.length === 36 && id === id.toLowerCase()) return []
  const words =
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
  return [invalid(path, id, words)]
}

function uuidProblem(id: string): string | undefined {
  const badFormat = 'invalid UUID format'
  switch (id.length) {
    case 32:
      return /^[0-9a-f]+$/i.test(id) ? undefined : badFormat
    case 36:
      return uuid.test(id) ? undefined : badFormat
    case 38:
      if (!id.startsWith('{') || !id.endsWith('}')) return 'invalid bracketed UUID format'
      return uuid.test(id.slice(1, -1)) ? undefined : badFormat
    case 45: {
      const prefix = id.slice(0, urnPrefix.length)
      if (prefix.toLowerCase() !== urnPrefix) return `invalid urn prefix: ${JSON.stringify(prefix)}`
      return uuid.test(id.slice(urnPrefix.length)) ? undefined : badFormat
    }
    default:
      return `invalid UUID length: ${id.length}`
  }
}
