/** What Kubernetes says of one value, for each word of a JSON schema that restricts it. */
import { invalid, notSupported, tooLong, type FieldError } from '../field-error.ts'
import { RegexBudgetError } from '../../lib/re2/regex.ts'
import { hasFormat, isKnownFormat } from './formats.ts'
import type { StructuralSchema } from './structural-schema.ts'
import { valueKey, type ValueRules } from './value-rules.ts'

type Problem = FieldError | undefined

/** Whether the schema says anything of the type. A format does, too. */
export const hasTypeCheck = ({ type, intOrString, rules }: StructuralSchema): boolean =>
  type !== undefined || intOrString || knownFormat(rules) !== undefined

const knownFormat = (rules: ValueRules | undefined): string | undefined =>
  rules?.format !== undefined && isKnownFormat(rules.format) ? rules.format : undefined

export function typeProblem(value: unknown, schema: StructuralSchema, path: string): Problem {
  const { type, intOrString, nullable } = schema
  const wanted = intOrString ? ['integer', 'string'] : type === undefined ? [] : [type]
  const actual = typeName(value)
  if (actual === 'null') {
    return wanted.length === 0 || nullable ? undefined : wrongType(path, wanted.join(), actual)
  }
  if (wanted.includes(actual) || (actual === 'integer' && wanted.includes('number'))) return undefined
  const format = knownFormat(schema.rules)
  if (format === undefined) return wanted.length === 0 ? undefined : wrongType(path, wanted.join(), actual)
  // Formats are those of texts, which their own check looks at; a list passes for a text here.
  if (actual !== 'string' && actual !== 'array') return wrongType(path, format, goFormats[actual] ?? '')
  return wanted.includes('number') || wanted.includes('integer') ? wrongType(path, wanted.join(), actual) : undefined
}

const goFormats: Readonly<Record<string, string>> = { integer: 'int64', number: 'float64' }

const wrongType = (path: string, wanted: string, actual: string): FieldError => ({
  type: 'FieldValueTypeInvalid',
  path,
  value: actual,
  detail: `${path} in body must be of type ${wanted}: ${JSON.stringify(actual)}`,
})

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Of a long list of allowed values, the first ones are shown. */
const shownValues = 100

export function enumProblem(value: unknown, { enum: allowed }: ValueRules, path: string): Problem {
  if (allowed === undefined || allowed.keys.has(valueKey(value))) return undefined
  const supported = allowed.values.slice(0, shownValues).map((one) => (typeof one === 'string' ? one : valueKey(one)))
  return notSupported(path, value, supported)
}

/** The first of what is wrong with a text, but for its format. */
export function textProblem(text: string, { minLength, maxLength, pattern }: ValueRules, path: string): Problem {
  const length = minLength === undefined && maxLength === undefined ? 0 : characters(text)
  if (maxLength !== undefined && length > maxLength) return tooLong(path, maxLength)
  if (minLength !== undefined && length < minLength)
    return invalid(path, text, `${path} in body should be at least ${minLength} chars long`)
  const problem = pattern === undefined ? undefined : patternProblem(text, pattern)
  return problem === undefined ? undefined : invalid(path, text, `${path} in body ${problem}`)
}

export function formatProblem(text: string, { format }: ValueRules, path: string): Problem {
  if (format === undefined || hasFormat(text, format)) return undefined
  const detail = `${path} in body must be of type ${format}: ${JSON.stringify(text)}`
  return { type: 'FieldValueTypeInvalid', path, value: text, detail }
}

export function numberProblems(number: number, rules: ValueRules, path: string): FieldError[] {
  const { multipleOf, exclusiveMaximum, exclusiveMinimum } = rules
  const [minimum, maximum] = [boundFor(number, rules.minimum), boundFor(number, rules.maximum)]
  const errors: FieldError[] = []
  const should = (words: string): number => errors.push(invalid(path, number, `${path} in body should be ${words}`))
  if (multipleOf !== undefined && multipleOf > 0 && !isMultiple(number, multipleOf))
    should(`a multiple of ${multipleOf}`)
  if (minimum !== undefined && (exclusiveMinimum ? number <= minimum : number < minimum))
    should(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`)
  if (maximum !== undefined && (exclusiveMaximum ? number >= maximum : number > maximum))
    should(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`)
  return errors
}

/** Kubernetes compares integers with integers: a bound loses its fraction. */
const boundFor = (number: number, bound: number | undefined): number | undefined =>
  bound !== undefined && Number.isInteger(number) ? Math.trunc(bound) : bound

export function countProblems(
  what: 'items' | 'properties',
  actual: number,
  [minimum, maximum]: readonly [minimum: number | undefined, maximum: number | undefined],
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (minimum !== undefined && actual < minimum)
    errors.push(invalid(path, actual, `${path} in body should have at least ${minimum} ${what}`))
  if (maximum !== undefined && actual > maximum)
    errors.push({ type: 'FieldValueTooMany', path, value: actual, detail: `must have at most ${maximum} items` })
  return errors
}

/** Characters, not UTF-16 units. */
function characters(text: string): number {
  let pairs = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xd800 && unit < 0xdc00) pairs++
  }
  return text.length - pairs
}

function patternProblem(text: string, { source, expression }: NonNullable<ValueRules['pattern']>): string | undefined {
  try {
    return expression().test(text) ? undefined : `should match '${source}'`
  } catch (error) {
    if (error instanceof RegexBudgetError) return `cannot be matched against '${source}': ${error.message}`
    throw error
  }
}

/** Decimal fractions are no binary ones: 0.3 is three times 0.1 all the same. */
function isMultiple(number: number, of: number): boolean {
  const quotient = number / of
  return Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * Math.max(1, Math.abs(quotient)) * 2
}
