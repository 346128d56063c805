/**
 * Rules for names. Each returns what is wrong, in Kubernetes' words, and an empty list when nothing is. What a client
 * left out counts as empty, whatever the types say of it.
 */

const dnsLabel = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const dnsSubdomain = `${dnsLabel}(\\.${dnsLabel})*`
const dns1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

interface Pattern {
  readonly source: string
  readonly expression: RegExp
  readonly message: string
}

function pattern(source: string, message: string, examples: readonly string[]): Pattern {
  // Two spaces: that is how Kubernetes joins them.
  const shown = examples.map((example) => `'${example}'`).join(',  or ')
  return {
    source,
    expression: new RegExp(`^(?:${source})$`),
    message: `${message} (e.g. ${shown}, regex used for validation is '${source}')`,
  }
}

const labelPattern = pattern(
  dnsLabel,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  ['my-name', '123-abc'],
)
const subdomainPattern = pattern(
  dnsSubdomain,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  ['example.com'],
)
const wildcardPattern = pattern(
  `\\*\\.${dnsSubdomain}`,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  ['*.example.com'],
)
const label1035Pattern = pattern(
  dns1035,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  ['my-name', 'abc-123'],
)
const qualifiedPattern = pattern(
  qualified,
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ['MyName', 'my.name', '123-abc'],
)
const labelValuePattern = pattern(
  `(${qualified})?`,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ['MyValue', 'my_value', '12345'],
)
const dataKeyPattern = pattern(
  '[-._a-zA-Z0-9]+',
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  ['key.name', 'KEY_NAME', 'key-name'],
)
const environmentPattern: Pattern = {
  source: '[ -<>-~]+',
  expression: /^[ -<>-~]+$/,
  message: "a valid environment variable name must consist only of printable ASCII characters other than '='",
}
const headerPattern = pattern('[-A-Za-z0-9]+', "a valid HTTP header must consist of alphanumeric characters or '-'", [
  'X-Header-Name',
])

const identifierPattern = pattern(
  '[A-Za-z_][A-Za-z0-9_]*',
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  ['my_name', 'MY_NAME', 'MyName'],
)

const conditionReasonPattern = pattern(
  '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?',
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'],
)

const empty = 'must be non-empty'
/** Labels are measured in bytes, and all other names in characters: in words, for all of them are ASCII. */
type Measure = 'bytes' | 'characters'
const noMoreThan = (maximum: number, measure: Measure = 'characters'): string =>
  `must be no more than ${maximum} ${measure}`

function check(value: string, maximum: number, { expression, message }: Pattern, measure?: Measure): string[] {
  const problems: string[] = []
  if (value.length > maximum) problems.push(noMoreThan(maximum, measure))
  // A name of megabytes is not worth the time that the expression would take.
  if (value.length <= 4 * maximum && !expression.test(value)) problems.push(message)
  return problems
}

/** RFC 1123 label, as namespaces, containers and ports of pods are named. */
export function dnsLabelProblems(value = ''): string[] {
  const problems = check(value, 63, labelPattern)
  if (!value.includes('.') || !subdomainPattern.expression.test(value)) return problems
  return problems.map((problem) => (problem === labelPattern.message ? 'must not contain dots' : problem))
}

/** RFC 1123 subdomain, as most objects are named. */
export const dnsSubdomainProblems = (value = ''): string[] => check(value, 253, subdomainPattern)

/** RFC 1035 label, as services are named. */
export const dns1035LabelProblems = (value = ''): string[] => check(value, 63, label1035Pattern)

/** `[prefix/]name`, as label and annotation keys are written. */
export function qualifiedNameProblems(value = ''): string[] {
  const parts = value.split('/')
  if (parts.length > 2) {
    return [
      `a valid label key ${qualifiedPattern.message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const problems: string[] = []
  const name = parts[parts.length - 1] ?? ''
  const prefix = parts.length === 2 ? parts[0] : undefined
  if (prefix === '') problems.push(`prefix part ${empty}`)
  else if (prefix !== undefined)
    problems.push(...check(prefix, 253, subdomainPattern, 'bytes').map((one) => `prefix part ${one}`))
  if (name === '') problems.push(`name part ${empty}`)
  else if (name.length > 63) problems.push(`name part ${noMoreThan(63, 'bytes')}`)
  if (name.length <= 4 * 63 && !qualifiedPattern.expression.test(name))
    problems.push(`name part ${qualifiedPattern.message}`)
  return problems
}

export const labelValueProblems = (value = ''): string[] => check(value, 63, labelValuePattern, 'bytes')

/** What may stand as one segment of a URL path, as RBAC objects are named. */
export function pathSegmentProblems(value = ''): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((one) => value.includes(one)).map((one) => `may not contain '${one}'`)
}

/** All hosts below a domain: `*.example.com`. */
export const wildcardHostProblems = (value = ''): string[] => check(value, 253, wildcardPattern)

/** A key of a ConfigMap or Secret, which becomes a file name. */
export function dataKeyProblems(value = ''): string[] {
  const problems = check(value, 253, dataKeyPattern)
  if (value === '.' || value === '..') problems.push(`must not be '${value}'`)
  else if (value.startsWith('..')) problems.push("must not start with '..'")
  return problems
}

export function environmentNameProblems(value = ''): string[] {
  return value === '' ? [`environment variable name ${empty}`] : check(value, Infinity, environmentPattern)
}

/** Why a condition cannot have this reason; how long it may be is told apart. */
export const conditionReasonProblems = (reason: string): string[] =>
  conditionReasonPattern.expression.test(reason) ? [] : [conditionReasonPattern.message]

export const identifierProblems = (value = ''): string[] => check(value, Infinity, identifierPattern)

export const httpHeaderNameProblems = (value = ''): string[] => check(value, Infinity, headerPattern)

/** A name of a container port: at most 15 characters with a letter among them (RFC 6335). */
export function portNameProblems(value = ''): string[] {
  const problems: string[] = []
  if (value.length > 15) problems.push(noMoreThan(15))
  if (!/^[-a-z0-9]+$/.test(value))
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) problems.push('must contain at least one letter (a-z)')
  if (value.includes('--')) problems.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) problems.push('must not begin or end with a hyphen')
  return problems
}

export function portNumberProblems(port = 0): string[] {
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? [] : ['must be between 1 and 65535, inclusive']
}

/** A rule for `metadata.name`; with `prefix`, for a `generateName`, which may end with a dash. */
export type NameRule = (name: string, prefix: boolean) => string[]

const asNameRule =
  (problems: (name: string) => string[]): NameRule =>
  (name, prefix) =>
    problems(prefix && name.endsWith('-') ? `${name.slice(0, -1)}a` : name)

export const subdomainName: NameRule = asNameRule(dnsSubdomainProblems)
export const labelName: NameRule = asNameRule(dnsLabelProblems)
export const pathSegmentName: NameRule = (name) => pathSegmentProblems(name)
