/** Checks a custom object against its schema, with the errors that Kubernetes reports, in its order. */
import { invalid, required, type FieldError } from '../field-error.ts'
import { embeddedErrors } from './embedded-resource.ts'
import { isKnownFormat } from './formats.ts'
import { duplicateItems, oldItems } from './list-items.ts'
import { childPath } from './paths.ts'
import { Sameness } from './sameness.ts'
import type { StructuralSchema } from './structural-schema.ts'
import {
  countProblems,
  enumProblem,
  formatProblem,
  hasTypeCheck,
  numberProblems,
  textProblem,
  typeProblem,
} from './value-checks.ts'
import type { ValueRules } from './value-rules.ts'

type Fields = Record<string, unknown>

/** More would only make the answer longer. */
const maximumErrors = 100

/**
 * What is wrong with an object. With `previous`, only what has changed is looked at: what was stored under an older
 * schema may stay as it is (KEP-4008).
 */
export const validateCustomObject = (object: Fields, schema: StructuralSchema, previous?: Fields): FieldError[] =>
  errorsOf(object, schema, '', previous)

/** What is wrong with any value, such as a default; `path` is where it stands. */
export const validateCustomValue = (value: unknown, schema: StructuralSchema, path: string): FieldError[] =>
  errorsOf(value, schema, path, undefined)

function errorsOf(value: unknown, schema: StructuralSchema, path: string, old: unknown): FieldError[] {
  const check = new Check()
  const outcome = new Outcome()
  check.value(value, schema, path, old, outcome)
  return [...unrepeated(outcome.errors), ...check.embedded, ...check.duplicates].slice(0, maximumErrors)
}

/** What is said twice of one place, as by two schemas of an `allOf`, is told once. */
function unrepeated(errors: readonly FieldError[]): FieldError[] {
  if (errors.length < 2) return [...errors]
  return [...new Map(errors.map((error) => [JSON.stringify([error.path, error.type, error.detail]), error])).values()]
}

/** Of one schema. */
class Outcome {
  readonly errors: FieldError[] = []
  /** How many checks have been passed, as Kubernetes counts them: of several failures it shows the one with the most. */
  matches = 0

  add(...errors: readonly (FieldError | undefined)[]): void {
    for (const error of errors) if (error !== undefined && this.errors.length < maximumErrors) this.errors.push(error)
  }

  take({ errors, matches }: Outcome): void {
    this.add(...errors)
    this.matches += matches
  }
}

const noRules: ValueRules = {
  ...{ exclusiveMinimum: false, exclusiveMaximum: false, required: [] },
  ...{ allOf: [], anyOf: [], oneOf: [] },
}

class Check {
  readonly embedded: FieldError[] = []
  readonly duplicates: FieldError[] = []
  private readonly sameness = new Sameness()

  value(value: unknown, schema: StructuralSchema, path: string, old: unknown, into: Outcome): void {
    if (into.errors.length >= maximumErrors) return
    if (old !== undefined && this.sameness.same(value, old)) return
    const rules = schema.rules ?? noRules
    const wrongType = typeProblem(value, schema, path)
    into.add(wrongType)
    if (value === null || value === undefined) {
      if (wrongType === undefined) into.matches++
      into.add(enumProblem(value, rules, path))
      return
    }
    if (hasTypeCheck(schema)) into.matches += wrongType === undefined ? 2 : 1
    // For its combinations, which count twice, for its enum, and for the whole.
    into.matches += 4
    this.combinations(value, rules, path, old, into)
    if (typeof value === 'string') {
      into.add(textProblem(value, rules, path), formatProblem(value, rules, path))
      into.matches += rules.format !== undefined && isKnownFormat(rules.format) ? 2 : 1
    } else if (typeof value === 'number') {
      into.add(...numberProblems(value, rules, path))
      into.matches += 2
    } else if (Array.isArray(value)) {
      this.list(value, schema, path, old, into)
      into.matches += 2
    }
    into.add(enumProblem(value, rules, path))
    if (typeof value === 'object' && !Array.isArray(value)) {
      this.object(value as Fields, schema, path, old, into)
      into.matches++
    }
  }

  private object(fields: Fields, schema: StructuralSchema, path: string, old: unknown, into: Outcome): void {
    const { minProperties, maxProperties, required: needed } = schema.rules ?? noRules
    if (schema.embeddedResource) this.embedded.push(...embeddedErrors(fields, path))
    const hasLimits = minProperties !== undefined || maxProperties !== undefined
    const [count] = hasLimits
      ? countProblems('properties', Object.keys(fields).length, [minProperties, maxProperties], path)
      : []
    into.add(count)
    // Of an object of the wrong size nothing else is said, but for what its parts are.
    this.fields(fields, schema, path, old, count === undefined ? into : new Outcome())
    if (count !== undefined) return
    for (const name of needed) if (!Object.hasOwn(fields, name)) into.add(required(childPath(path, name)))
  }

  private fields(fields: Fields, schema: StructuralSchema, path: string, old: unknown, into: Outcome): void {
    const before = typeof old === 'object' && old !== null && !Array.isArray(old) ? (old as Fields) : undefined
    const { properties, additional } = schema
    if (properties.size === 0 && typeof additional !== 'object') return
    for (const name of Object.keys(fields)) {
      const child = properties.get(name) ?? additional
      if (typeof child !== 'object') continue
      const oldValue = before !== undefined && Object.hasOwn(before, name) ? before[name] : undefined
      this.value(fields[name], child, childPath(path, name), oldValue, into)
    }
  }

  private list(items: readonly unknown[], schema: StructuralSchema, path: string, old: unknown, into: Outcome): void {
    this.duplicates.push(...duplicateItems(items, schema, path))
    if (schema.items !== undefined) {
      const oldItem = oldItems(schema, old)
      for (const [index, item] of items.entries())
        this.value(item, schema.items, `${path}[${index}]`, oldItem(item), into)
    }
    const { minItems, maxItems } = schema.rules ?? noRules
    into.add(...countProblems('items', items.length, [minItems, maxItems], path))
  }

  private combinations(value: unknown, rules: ValueRules, path: string, old: unknown, into: Outcome): void {
    const { allOf, anyOf, oneOf, not } = rules
    if (anyOf.length > 0) {
      const outcomes = anyOf.map((one) => this.part(value, one, path, undefined))
      const [first] = outcomes.filter(isValid)
      if (first === undefined) into.add(choice(path, 'must validate at least one schema (anyOf)'))
      into.take(first ?? closest(outcomes))
    }
    if (oneOf.length > 0) {
      const outcomes = oneOf.map((one) => this.part(value, one, path, undefined))
      const valid = outcomes.filter(isValid)
      const [only] = valid
      const words = 'must validate one and only one schema (oneOf).'
      if (only === undefined) into.add(choice(path, `${words} Found none valid`))
      else if (valid.length > 1) into.add(choice(path, `${words} Found ${valid.length} valid alternatives`))
      if (valid.length < 2) into.take(only ?? closest(outcomes))
    }
    if (allOf.length > 0) {
      const outcomes = allOf.map((one) => this.part(value, one, path, old))
      for (const outcome of outcomes) into.take(outcome)
      const valid = outcomes.filter(isValid).length
      if (valid < allOf.length)
        into.add(choice(path, `must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`))
    }
    if (not !== undefined && isValid(this.part(value, not, path, undefined)))
      into.add(choice(path, 'must not validate the schema (not)'))
  }

  private part(value: unknown, schema: StructuralSchema, path: string, old: unknown): Outcome {
    const outcome = new Outcome()
    this.value(value, schema, path, old, outcome)
    return outcome
  }
}

const isValid = ({ errors }: Outcome): boolean => errors.length === 0

/** The first of those that passed the most checks. */
function closest(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((best, one) => (one.matches > best.matches ? one : best))
}

/** Kubernetes gives these no field of their own. */
const choice = (path: string, problem: string): FieldError => invalid('<nil>', '', `${JSON.stringify(path)} ${problem}`)
