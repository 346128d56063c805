/** Whether the rules in the schemas of a CRD compile, and whether they could become too expensive. */
import { readSchema } from '../../api/custom/read-schema.ts'
import type { StructuralSchema } from '../../api/custom/structural-schema.ts'
import { forbidden, invalid, type FieldError } from '../../api/field-error.ts'
import { sameValue } from '../../api/meta/field-checks.ts'
import type { Sliced } from '../../lib/sliced.ts'
import type { DynamicObject } from '../../api/meta/object.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  ValidationRule,
} from '../../api/types/apiextensions-v1.ts'
import type { Program } from '../cel/compile.ts'
import { CompileError } from '../cel/errors.ts'
import { sizeOf } from '../cel/evaluation/estimate.ts'
import { dyn, type Type } from '../cel/types/type.ts'
import { compileRule, compileRuleMessage, isTransition, ruleEnvironment } from './compile-rule.ts'
import { rootType, typeOfValue } from './schema-type.ts'

/** What it takes to compile a rule, and to come to a place of the schema, in units of cost. */
const compileUnits = 5000
const placeUnits = 20
/** Units that one rule may cost for a whole object, and all rules of a schema together. */
const ruleLimit = 10_000_000
const schemaLimit = 100_000_000
/** How many of the rules that cost the most are named when all together cost too much. */
const mostShown = 4

/** Schemas that are as they were are not looked at again. */
export function* checkDefinitionRules(object: DynamicObject, previous?: DynamicObject): Sliced<FieldError[]> {
  const versions = versionsOf(object)
  const before = previous === undefined ? [] : versionsOf(previous)
  // A schema that all versions share is shown at the place where it used to stand.
  const [first] = versions
  const shared = versions.every(({ schema }) => sameValue(schema, first?.schema))
  const known = (version: CustomResourceDefinitionVersion): boolean =>
    before.some(({ schema }) => sameValue(schema, version.schema))
  if (shared)
    return first === undefined || known(first) ? [] : yield* checkVersion(first, 'spec.validation.openAPIV3Schema')
  const errors: FieldError[] = []
  for (const [index, version] of versions.entries())
    if (!known(version))
      errors.push(...(yield* checkVersion(version, `spec.versions[${index}].schema.openAPIV3Schema`)))
  return errors
}

const versionsOf = (object: DynamicObject): readonly CustomResourceDefinitionVersion[] =>
  (object as unknown as Partial<CustomResourceDefinition>).spec?.versions ?? []

function* checkVersion({ schema }: CustomResourceDefinitionVersion, path: string): Sliced<FieldError[]> {
  if (schema?.openAPIV3Schema === undefined) return []
  const structural = readSchema(schema.openAPIV3Schema)
  if (!structural.reachesValidations) return []
  const check = new Check()
  yield* check.place(
    { schema: structural, type: rootType(structural), name: 'Object' },
    { path, times: 1, uncorrelated: undefined },
  )
  if (check.total <= schemaLimit) return check.errors
  return [
    ...check.errors,
    ...check.dearest.map((rule) =>
      forbidden(rule.path, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'),
    ),
    forbidden(
      path,
      `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema ${excess(check.total, schemaLimit)}`,
    ),
  ]
}

interface Place {
  readonly schema: StructuralSchema
  readonly type: Type
  readonly name: string
}

interface Position {
  readonly path: string
  /** How many such values an object may have. */
  readonly times: number
  /** The list around it whose items cannot be told apart. */
  readonly uncorrelated: string | undefined
}

class Check {
  readonly errors: FieldError[] = []
  /** Those that cost the most, the dearest first. */
  readonly dearest: { readonly path: string; readonly cost: number }[] = []
  total = 0;

  *place({ schema, type, name }: Place, position: Position): Sliced<void> {
    const { path, times, uncorrelated } = position
    yield placeUnits
    for (const [index, rule] of schema.validations.entries()) {
      yield compileUnits
      this.rule(rule, type, { ...position, path: `${path}.x-kubernetes-validations[${index}]` })
    }
    for (const [property, child] of schema.properties)
      yield* this.child(child, `${name}.${property}`, { ...position, path: `${path}.properties[${property}]` })
    const many = times * sizeOf(type)
    if (typeof schema.additional === 'object')
      yield* this.child(schema.additional, `${name}.@elem`, {
        path: `${path}.additionalProperties`,
        times: many,
        uncorrelated,
      })
    if (schema.items === undefined) return
    const within = schema.listType === 'map' ? uncorrelated : (uncorrelated ?? path)
    yield* this.child(schema.items, `${name}.@idx`, { path: `${path}.items`, times: many, uncorrelated: within })
  }

  private *child(schema: StructuralSchema, name: string, position: Position): Sliced<void> {
    if (schema.reachesValidations) yield* this.place({ schema, type: typeOfValue(schema, name) ?? dyn, name }, position)
  }

  private rule(rule: ValidationRule, self: Type, { path, times, uncorrelated }: Position): void {
    const env = ruleEnvironment(self, rule)
    if (rule.rule.trim() !== '') {
      const program = this.compiled(`${path}.rule`, rule, () => compileRule(rule, env))
      if (program !== undefined) this.cost(`${path}.rule`, 'rule', program, times)
      if (program !== undefined && uncorrelated !== undefined && isTransition(program))
        this.errors.push(
          invalid(
            `${path}.rule`,
            rule.rule,
            `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`,
          ),
        )
      if (program !== undefined && !isTransition(program) && rule.optionalOldSelf !== undefined)
        this.errors.push(
          invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'),
        )
    }
    const { messageExpression } = rule
    if (messageExpression === undefined || messageExpression.trim() === '') return
    const message = this.compiled(`${path}.messageExpression`, rule, () => compileRuleMessage(messageExpression, env))
    if (message !== undefined) this.cost(`${path}.messageExpression`, 'messageExpression', message, times)
  }

  private compiled(path: string, rule: ValidationRule, compile: () => Program): Program | undefined {
    try {
      return compile()
    } catch (error) {
      if (!(error instanceof CompileError)) throw error
      const syntax = error.message.startsWith('ERROR:')
      this.errors.push(invalid(path, rule, syntax ? `compilation failed: ${error.message}` : error.message))
      return undefined
    }
  }

  private cost(path: string, what: string, { estimate }: Program, times: number): void {
    const cost = estimate.cost * times
    this.total += cost
    if (cost > ruleLimit) this.errors.push(forbidden(path, `estimated ${what} cost ${excess(cost, ruleLimit)}`))
    if (this.dearest.length === mostShown && cost <= (this.dearest.at(-1)?.cost ?? 0)) return
    this.dearest.push({ path, cost })
    this.dearest.sort((left, right) => right.cost - left.cost)
    this.dearest.splice(mostShown)
  }
}

function excess(cost: number, limit: number): string {
  const factor = cost / limit
  // Just above the limit one digit would read as 1.0.
  const times = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`
  return `exceeds budget by factor of ${times} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}
