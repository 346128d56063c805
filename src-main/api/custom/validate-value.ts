/** Checks a custom object against its schema, with the errors that Kubernetes reports. */
import { invalid, notSupported, required, tooLong, type FieldError } from '../field-error.ts'
import { RegexBudgetError } from '../../lib/re2/regex.ts'
import { embeddedErrors } from './embedded-resource.ts'
import { hasFormat } from './formats.ts'
import { duplicateItems, oldItems } from './list-items.ts'
import { childPath } from './paths.ts'
import { Sameness } from './sameness.ts'
import type { StructuralSchema } from './structural-schema.ts'
import { valueKey, type ValueRules } from './value-rules.ts'

type Fields = Record<string, unknown>

/** More would only make the answer longer. */
const maximumErrors = 100

/**
 * What is wrong with an object. With `previous`, only what has changed is looked at: what was stored under an older
 * schema may stay as it is (KEP-4008).
 */
export function validateCustomObject(object: Fields, schema: StructuralSchema, previous?: Fields): FieldError[] {
  const check = new Check()
  check.value(object, schema, '', previous)
  return check.errors
}

/** What is wrong with any value, such as a default; `path` is where it stands. */
export function validateCustomValue(value: unknown, schema: StructuralSchema, path: string): FieldError[] {
  const check = new Check()
  check.value(value, schema, path, undefined)
  return check.errors
}

class Check {
  readonly errors: FieldError[] = []
  private readonly sameness: Sameness

  constructor(sameness = new Sameness()) {
    this.sameness = sameness
  }

  value(value: unknown, schema: StructuralSchema, path: string, old: unknown): void {
    if (this.errors.length >= maximumErrors) return
    if (old !== undefined && this.sameness.same(value, old)) return
    if (!this.hasType(value, schema, path) || value === null) return
    if (Array.isArray(value)) this.list(value, schema, path, old)
    else if (typeof value === 'object') this.fields(value as Fields, schema, path, old)
    if (schema.rules !== undefined) this.rules(value, schema.rules, path, old)
  }

  private hasType(value: unknown, { type, intOrString, nullable }: StructuralSchema, path: string): boolean {
    const wanted = intOrString ? 'integer,string' : type
    if (wanted === undefined || (value === null && nullable)) return true
    const actual = typeName(value)
    if (actual === wanted || (actual === 'integer' && (wanted === 'number' || intOrString))) return true
    if (actual === 'string' && intOrString) return true
    this.add({
      type: 'FieldValueTypeInvalid',
      path,
      value: actual,
      detail: `${path} in body must be of type ${wanted}: ${JSON.stringify(actual)}`,
    })
    return false
  }

  private fields(fields: Fields, schema: StructuralSchema, path: string, old: unknown): void {
    const before = typeof old === 'object' && old !== null && !Array.isArray(old) ? (old as Fields) : undefined
    const { properties, additional } = schema
    if (schema.embeddedResource) for (const error of embeddedErrors(fields, path)) this.add(error)
    if (properties.size === 0 && typeof additional !== 'object') return
    for (const name of Object.keys(fields)) {
      const child = properties.get(name) ?? additional
      if (typeof child !== 'object') continue
      const oldValue = before !== undefined && Object.hasOwn(before, name) ? before[name] : undefined
      this.value(fields[name], child, childPath(path, name), oldValue)
    }
  }

  private list(items: readonly unknown[], schema: StructuralSchema, path: string, old: unknown): void {
    for (const error of duplicateItems(items, schema, path)) this.add(error)
    if (schema.items === undefined) return
    const oldItem = oldItems(schema, old)
    for (const [index, item] of items.entries()) this.value(item, schema.items, `${path}[${index}]`, oldItem(item))
  }

  private rules(value: unknown, rules: ValueRules, path: string, old: unknown): void {
    this.anyValue(value, rules, path)
    if (typeof value === 'string') this.text(value, rules, path)
    else if (typeof value === 'number') this.number(value, rules, path)
    else if (Array.isArray(value)) this.count('items', value.length, rules.minItems, rules.maxItems, path)
    else if (typeof value === 'object' && value !== null) this.object(value as Fields, rules, path)
    this.logical(value, rules, path, old)
  }

  private anyValue(value: unknown, { enum: allowed }: ValueRules, path: string): void {
    if (allowed === undefined || allowed.keys.has(valueKey(value))) return
    const supported = allowed.values.slice(0, shownValues).map((one) => (typeof one === 'string' ? one : valueKey(one)))
    this.add(notSupported(path, value, supported))
  }

  private text(text: string, { minLength, maxLength, pattern, format }: ValueRules, path: string): void {
    const body = `${path} in body`
    const length = minLength === undefined && maxLength === undefined ? 0 : characters(text)
    if (maxLength !== undefined && length > maxLength) this.add(tooLong(path, maxLength))
    if (minLength !== undefined && length < minLength)
      this.add(invalid(path, text, `${body} should be at least ${minLength} chars long`))
    if (pattern !== undefined) {
      const problem = patternProblem(text, pattern)
      if (problem !== undefined) this.add(invalid(path, text, `${body} ${problem}`))
    }
    if (format !== undefined && !hasFormat(text, format))
      this.add({
        type: 'FieldValueTypeInvalid',
        path,
        value: text,
        detail: `${body} must be of type ${format}: ${JSON.stringify(text)}`,
      })
  }

  private number(number: number, rules: ValueRules, path: string): void {
    const { minimum, maximum, multipleOf, exclusiveMaximum, exclusiveMinimum } = rules
    const body = `${path} in body should be`
    if (multipleOf !== undefined && multipleOf > 0 && !isMultiple(number, multipleOf))
      this.add(invalid(path, number, `${body} a multiple of ${multipleOf}`))
    if (maximum !== undefined && (exclusiveMaximum ? number >= maximum : number > maximum))
      this.add(invalid(path, number, `${body} less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`))
    if (minimum !== undefined && (exclusiveMinimum ? number <= minimum : number < minimum))
      this.add(invalid(path, number, `${body} greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`))
  }

  private object(fields: Fields, rules: ValueRules, path: string): void {
    const { minProperties, maxProperties } = rules
    if (minProperties !== undefined || maxProperties !== undefined)
      this.count('properties', Object.keys(fields).length, minProperties, maxProperties, path)
    for (const name of rules.required) if (!Object.hasOwn(fields, name)) this.add(required(childPath(path, name)))
  }

  private count(
    what: 'items' | 'properties',
    actual: number,
    minimum: number | undefined,
    maximum: number | undefined,
    path: string,
  ): void {
    if (maximum !== undefined && actual > maximum)
      this.add({ type: 'FieldValueTooMany', path, value: actual, detail: `must have at most ${maximum} items` })
    if (minimum !== undefined && actual < minimum)
      this.add(invalid(path, actual, `${path} in body should have at least ${minimum} ${what}`))
  }

  private logical(value: unknown, { allOf, anyOf, oneOf, not }: ValueRules, path: string, old: unknown): void {
    if (anyOf.length > 0) {
      const results = anyOf.map((one) => this.part(value, one, path, undefined))
      if (results.every((errors) => errors.length > 0))
        this.choice(path, 'must validate at least one schema (anyOf)', results[0])
    }
    if (oneOf.length > 0) {
      const results = oneOf.map((one) => this.part(value, one, path, undefined))
      const valid = results.filter((errors) => errors.length === 0).length
      const words = 'must validate one and only one schema (oneOf).'
      if (valid === 0) this.choice(path, `${words} Found none valid`, results[0])
      if (valid > 1) this.choice(path, `${words} Found ${valid} valid alternatives`, [])
    }
    if (allOf.length > 0) {
      const results = allOf.map((one) => this.part(value, one, path, old))
      const valid = results.filter((errors) => errors.length === 0).length
      if (valid < allOf.length)
        this.choice(
          path,
          `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`,
          results.flat(),
        )
    }
    if (not !== undefined && this.part(value, not, path, undefined).length === 0)
      this.choice(path, 'must not validate the schema (not)', [])
  }

  private part(value: unknown, schema: StructuralSchema, path: string, old: unknown): readonly FieldError[] {
    const check = new Check(this.sameness)
    check.value(value, schema, path, old)
    return check.errors
  }

  /** Kubernetes gives these no field of their own. */
  private choice(path: string, problem: string, causes: readonly FieldError[] = []): void {
    this.add(invalid('<nil>', '', `${JSON.stringify(path)} ${problem}`))
    for (const error of causes) this.add(error)
  }

  private add(error: FieldError): void {
    if (this.errors.length < maximumErrors) this.errors.push(error)
  }
}

/** Of a long list of allowed values, the first ones are shown. */
const shownValues = 100

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
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
