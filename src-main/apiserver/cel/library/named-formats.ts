/** Formats by name: what is wrong with a text, in the words of Kubernetes. */
import {
  dns1035LabelProblems,
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from '../../../api/meta/names.ts'
import { none, OpaqueValue, OptionalValue } from '../values/value.ts'
import { parseTimestamp } from '../values/time.ts'
import { global, member, type Overload } from './overload.ts'

type Problems = (text: string) => readonly string[]

class FormatValue extends OpaqueValue {
  readonly typeName = 'kubernetes.NamedFormat'
  readonly name: string
  readonly problems: Problems

  constructor(name: string, problems: Problems) {
    super()
    this.name = name
    this.problems = problems
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof FormatValue && other.name === this.name
  }
}

/** A name that is completed later: it may end with a dash. */
const asPrefix =
  (problems: Problems): Problems =>
  (text) =>
    problems(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)

const unless =
  (isFine: (text: string) => boolean, problem: string): Problems =>
  (text) =>
    isFine(text) ? [] : [problem]

function isUri(text: string): boolean {
  return /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\/)[^\s\x00-\x1f\x7f]*$/.test(text) && !/%(?![0-9a-fA-F]{2})/.test(text)
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTimestamp(`${text}T00:00:00Z`) !== undefined
}

function isBase64(text: string): boolean {
  const plain = text.replace(/[\r\n]/g, '')
  return plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain)
}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

const formats: ReadonlyMap<string, Problems> = new Map<string, Problems>([
  ['dns1123Label', dnsLabelProblems],
  ['dns1123Subdomain', dnsSubdomainProblems],
  ['dns1035Label', dns1035LabelProblems],
  ['qualifiedName', qualifiedNameProblems],
  ['dns1123LabelPrefix', asPrefix(dnsLabelProblems)],
  ['dns1123SubdomainPrefix', asPrefix(dnsSubdomainProblems)],
  ['dns1035LabelPrefix', asPrefix(dns1035LabelProblems)],
  ['labelValue', labelValueProblems],
  ['uri', unless(isUri, 'invalid URI format')],
  ['uuid', unless((text) => uuid.test(text), 'does not match the UUID format')],
  ['byte', unless(isBase64, 'invalid base64')],
  ['date', unless(isDate, 'invalid date')],
  ['datetime', unless((text) => parseTimestamp(text) !== undefined, 'invalid datetime')],
])

const type = 'kubernetes.NamedFormat'

export const formatLibrary: readonly Overload[] = [
  global('format.named', ['string'], `optional<${type}>`, (name: string) => {
    const problems = formats.get(name)
    return problems === undefined ? none : new OptionalValue(new FormatValue(name, problems))
  }),
  ...[...formats].map(([name, problems]) => {
    const value = new FormatValue(name, problems)
    return global(`format.${name}`, [], type, () => value)
  }),
  member(
    type,
    'validate',
    ['string'],
    'optional<list<string>>',
    (format: FormatValue, text: string) => {
      const problems = format.problems(text)
      return problems.length === 0 ? none : new OptionalValue(problems)
    },
    { cost: (_format, size = 0) => 1 + size },
  ),
]
