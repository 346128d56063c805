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

/** A place of the schema that has rules, or that leads to such places. */
interface RulePlace {
  readonly schema: StructuralSchema
  readonly type: Type
  readonly rules: readonly CompiledRule[]
  readonly properties: ReadonlyMap<string, RulePlace>
  readonly values: RulePlace | undefined
  readonly items: RulePlace | undefined
}

export function compileRules(schema: StructuralSchema): RuleCheck {
  const root = placeOf(schema, rootType(schema), 'Object')
  return (object, previous) => {
    const run = new Run()
    run.visit(root, object, previous, '')
    return run.errors
  }
}

function placeOf(schema: StructuralSchema, type: Type, name: string): RulePlace {
  const child = (part: StructuralSchema | true | undefined, at: string): RulePlace | undefined =>
    typeof part === 'object' && part.reachesValidations ? placeOf(part, typeOfValue(part, at) ?? dyn, at) : undefined
  const properties = new Map<string, RulePlace>()
  for (const [property, part] of schema.properties) {
    const place = child(part, `${name}.${property}`)
    if (place !== undefined) properties.set(property, place)
  }
  return {
    ...{ schema, type, properties },
    rules: schema.validations.map((rule) => compiledRule(rule, type)),
    values: child(schema.additional, `${name}.@elem`),
    items: child(schema.items, `${name}.@idx`),
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
  private stopped = false

  /** `old` is the value that this one was made from; undefined when it is new or cannot be told. */
  visit(place: RulePlace, value: unknown, old: unknown, path: string): void {
    if (value === undefined || value === null || this.stopped) return
    this.runRules(place, value, old, path)
    const { properties, values, items } = place
    if (Array.isArray(value)) {
      if (items === undefined) return
      const oldItem = oldItems(place.schema, old)
      for (const [index, item] of value.entries()) this.visit(items, item, oldItem(item), `${path}[${index}]`)
      return
    }
    const fields = fieldsOf(value)
    if (fields === undefined) return
    const before = fieldsOf(old)
    for (const [name, field] of Object.entries(fields)) {
      const child = properties.get(name) ?? (place.schema.properties.has(name) ? undefined : values)
      const oldField = before !== undefined && Object.hasOwn(before, name) ? before[name] : undefined
      if (child !== undefined) this.visit(child, field, oldField, childPath(path, name))
    }
  }

  private runRules({ rules, type, schema }: RulePlace, value: unknown, old: unknown, path: string): void {
    if (rules.length === 0) return
    // What was stored under older rules may stay as long as it is not touched.
    const untouched = old !== undefined && this.sameness.same(value, old)
    for (const rule of rules) {
      if (this.stopped) return
      const optional = rule.source.optionalOldSelf === true
      if (rule.isTransition && old === undefined && !optional) continue
      if (!rule.isTransition && untouched) continue
      const outcome = runRule(rule, { value, old: old ?? undefined, type }, this.budget)
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
