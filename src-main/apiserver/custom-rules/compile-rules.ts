/** Makes the check of the rules in a CRD's schema: they are compiled once and then only run. */
import type { RuleCheck } from '../../api/custom/custom-kinds.ts'
import { oldItems } from '../../api/custom/list-items.ts'
import { childPath } from '../../api/custom/paths.ts'
import { Sameness } from '../../api/custom/sameness.ts'
import type { StructuralSchema } from '../../api/custom/structural-schema.ts'
import { invalid, type FieldError } from '../../api/field-error.ts'
import { Budget, objectBudget } from '../cel/evaluation/meter.ts'
import { dyn, type Type } from '../cel/types/type.ts'
import { compiledRule, type CompiledRule } from './compile-rule.ts'
import { rootType, typeOfValue } from './schema-type.ts'
import { runRule } from './run-rule.ts'
import { once } from '../../lib/once.ts'
import type { Sliced } from '../../lib/sliced.ts'

/** A place of the schema that has rules, or that leads to such places; made when an object first comes there. */
interface RulePlace {
  readonly schema: StructuralSchema
  readonly type: Type
  rules(): readonly CompiledRule[]
  property(name: string): RulePlace | undefined
  values(): RulePlace | undefined
  items(): RulePlace | undefined
}

/** What it takes to compile one rule, in units of cost. */
const compileUnits = 5000
/** What it takes to come to a place. */
const placeUnits = 10

export function compileRules(schema: StructuralSchema): RuleCheck {
  const root = placeOf(schema, rootType(schema), 'Object')
  return function* (object, previous) {
    const run = new Run()
    yield* run.visit(root, object, previous, '')
    return run.errors
  }
}

function placeOf(schema: StructuralSchema, type: Type, name: string): RulePlace {
  const child = (part: StructuralSchema | true | undefined, at: string): RulePlace | undefined =>
    typeof part === 'object' && part.reachesValidations ? placeOf(part, typeOfValue(part, at) ?? dyn, at) : undefined
  const properties = new Map<string, RulePlace | undefined>()
  return {
    ...{ schema, type },
    rules: once(() => schema.validations.map((rule) => compiledRule(rule, type))),
    property(property) {
      if (!properties.has(property))
        properties.set(property, child(schema.properties.get(property), `${name}.${property}`))
      return properties.get(property)
    },
    values: once(() => child(schema.additional, `${name}.@elem`)),
    items: once(() => child(schema.items, `${name}.@idx`)),
  }
}

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined

/** One walk over an object. */
class Run {
  readonly errors: FieldError[] = []
  private readonly budget = new Budget(objectBudget)
  private readonly sameness = new Sameness()
  private readonly compiled = new Set<RulePlace>()
  private stopped = false;

  /** `old` is the value that this one was made from; undefined when it is new or cannot be told. */
  *visit(place: RulePlace, value: unknown, old: unknown, path: string): Sliced<void> {
    if (value === undefined || value === null || this.stopped) return
    yield placeUnits
    if (place.schema.validations.length > 0) yield* this.runRules(place, value, old, path)
    if (Array.isArray(value)) {
      const items = place.items()
      if (items === undefined) return
      const oldItem = oldItems(place.schema, old)
      for (const [index, item] of value.entries()) yield* this.visit(items, item, oldItem(item), `${path}[${index}]`)
      return
    }
    const fields = fieldsOf(value)
    if (fields === undefined) return
    const before = fieldsOf(old)
    for (const [name, field] of Object.entries(fields)) {
      const child = place.schema.properties.has(name) ? place.property(name) : place.values()
      const oldField = before !== undefined && Object.hasOwn(before, name) ? before[name] : undefined
      if (child !== undefined) yield* this.visit(child, field, oldField, childPath(path, name))
    }
  }

  private *runRules(place: RulePlace, value: unknown, old: unknown, path: string): Sliced<void> {
    const { type, schema } = place
    const isNew = !this.compiled.has(place)
    const rules = place.rules()
    if (isNew) {
      this.compiled.add(place)
      yield rules.length * compileUnits
    }
    // What was stored under older rules may stay as long as it is not touched.
    const untouched = old !== undefined && this.sameness.same(value, old)
    for (const rule of rules) {
      if (this.stopped) return
      const optional = rule.source.optionalOldSelf === true
      if (rule.isTransition && old === undefined && !optional) continue
      if (!rule.isTransition && untouched) continue
      const before = this.budget.used
      const outcome = runRule(rule, { value, old: old ?? undefined, type }, this.budget)
      yield this.budget.used - before
      if (outcome === undefined) continue
      const typeName = schema.type ?? ''
      if (outcome.kind === 'failed') this.errors.push(fieldError(rule, path, typeName, outcome.message))
      else this.errors.push(invalid(shownPath(path), typeName, outcome.message))
      if (outcome.kind === 'stopped') this.stopped = true
    }
  }
}

/** Kubernetes has no name for the root. */
const shownPath = (path: string): string => (path === '' ? '<nil>' : path)

function fieldError({ source }: CompiledRule, path: string, typeName: string, detail: string): FieldError {
  const at = shownPath(source.fieldPath === undefined ? path : joined(path, source.fieldPath))
  switch (source.reason) {
    case 'FieldValueForbidden':
      return { type: 'FieldValueForbidden', path: at, detail }
    case 'FieldValueRequired':
      return { type: 'FieldValueRequired', path: at, detail }
    case 'FieldValueDuplicate':
      return { type: 'FieldValueDuplicate', path: at, value: typeName, detail: '' }
    default:
      return invalid(at, typeName, detail)
  }
}

/** `.spec.x` and `['a.b']` after the path of the rule. */
function joined(path: string, fieldPath: string): string {
  const names = [...fieldPath.matchAll(/\.([^.[\]]+)|\['([^']*)'\]|\[(\d+)\]/g)]
  return names.reduce((at, [, name, quoted, index]) => {
    if (index !== undefined) return `${at}[${index}]`
    return quoted === undefined ? childPath(at, name ?? '') : `${at}[${quoted}]`
  }, path)
}
