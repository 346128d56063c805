/** Finds the type of every part of an expression, and which functions its calls may mean. */
import type { Environment } from '../environment.ts'
import { CompileError, type Issue } from '../errors.ts'
import type { Overload } from '../library/overload.ts'
import {
  qualifiedName,
  type CallExpr,
  type Expr,
  type IdentExpr,
  type ListExpr,
  type LiteralExpr,
  type MapExpr,
  type SelectExpr,
  type StructExpr,
} from '../syntax/ast.ts'
import { Uint } from '../values/uint.ts'
import { checkMacro, checkOptionalMacro } from './check-macros.ts'
import { checkLiteralArguments } from './literal-arguments.ts'
import { namedTypes } from './named-types.ts'
import { resolveCall } from './resolve-call.ts'
import {
  bool,
  bytes,
  double,
  dyn,
  int,
  listOf,
  mapOf,
  nullType,
  optionalOf,
  string,
  typeOf,
  typeText,
  uint,
  type Type,
} from './type.ts'
import { assignable, joined, substitute, type Bindings } from './unify.ts'

/** A call after it was looked up: what it may mean, and its arguments with the receiver first. */
export interface ResolvedCall {
  readonly overloads: readonly Overload[]
  readonly args: readonly Expr[]
}

export interface Checked {
  readonly type: Type
  readonly calls: ReadonlyMap<CallExpr, ResolvedCall>
  /** Names that are types, not variables. */
  readonly typeNames: ReadonlyMap<Expr, string>
  /** Variables with dots in their names, which look like fields. */
  readonly variableNames: ReadonlyMap<Expr, string>
  readonly types: ReadonlyMap<Expr, Type>
}

/** Throws CompileError with everything that is wrong. */
export function check(source: string, expr: Expr, env: Environment): Checked {
  const checker = new Checker(env)
  const type = checker.check(expr)
  if (checker.issues.length > 0) throw new CompileError(source, checker.issues)
  const resolved = (one: Type): Type => substitute(one, checker.bindings, dyn)
  const { calls, typeNames, variableNames } = checker
  const types = new Map([...checker.types].map(([part, found]) => [part, resolved(found)]))
  return { type: resolved(type), calls, typeNames, variableNames, types }
}

export class Checker {
  readonly issues: Issue[] = []
  readonly bindings: Bindings = new Map()
  readonly calls = new Map<CallExpr, ResolvedCall>()
  readonly typeNames = new Map<Expr, string>()
  readonly variableNames = new Map<Expr, string>()
  readonly types = new Map<Expr, Type>()
  readonly env: Environment
  private readonly locals: { readonly name: string; readonly type: Type }[] = []
  private parameters = 0
  /** Inside the arguments of `format`, where lists may hold anything. */
  private mixed = 0

  constructor(env: Environment) {
    this.env = env
  }

  check(expr: Expr): Type {
    const type = this.typeOf(expr)
    this.types.set(expr, type)
    return type
  }

  /** Types the expression while these names mean local variables. */
  within(variables: readonly { readonly name: string; readonly type: Type }[], expr: Expr): Type {
    this.locals.push(...variables)
    const type = this.check(expr)
    this.locals.length -= variables.length
    return type
  }

  fail(message: string, offset: number): Type {
    this.issues.push({ message, offset })
    return dyn
  }

  /** A number that no other use of type parameters has. */
  fresh(): string {
    return `~${this.parameters++}`
  }

  resolved(type: Type): Type {
    return substitute(type, this.bindings)
  }

  expect(wanted: Type, expr: Expr): void {
    const given = this.check(expr)
    if (!assignable(wanted, given, this.bindings))
      this.fail(`expected type '${typeText(wanted)}' but found '${typeText(this.resolved(given))}'`, expr.offset)
  }

  isLocal(name: string): boolean {
    return this.locals.some((local) => local.name === name)
  }

  private typeOf(expr: Expr): Type {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr)
      case 'ident':
        return this.ident(expr)
      case 'select':
        return this.select(expr)
      case 'call':
        return this.call(expr)
      case 'list':
        return this.list(expr)
      case 'map':
        return this.map(expr)
      case 'struct':
        return this.struct(expr)
      case 'macro':
        return checkMacro(this, expr)
      case 'optionalMacro':
        return checkOptionalMacro(this, expr)
    }
  }

  private ident(expr: IdentExpr): Type {
    const { name, offset } = expr
    const known = this.locals.findLast((local) => local.name === name)?.type ?? this.env.variables.get(name)
    return (
      known ?? this.typeName(expr, name) ?? this.fail(`undeclared reference to '${name}' (in container '')`, offset)
    )
  }

  private typeName(expr: Expr, name: string): Type | undefined {
    const named = namedTypes.get(name)
    if (named === undefined) return undefined
    this.typeNames.set(expr, named.text)
    return typeOf(named.type)
  }

  private select(expr: SelectExpr): Type {
    const { operand, field, test, optional, offset } = expr
    const qualified = qualifiedName(expr)
    if (qualified !== undefined && !this.isLocal(rootOf(qualified))) {
      const variable = this.env.variables.get(qualified)
      if (variable !== undefined) this.variableNames.set(expr, qualified)
      if (variable !== undefined) return variable
      const type = this.env.variables.has(rootOf(qualified)) ? undefined : this.typeName(expr, qualified)
      if (type !== undefined) return type
    }
    const operandType = this.resolved(this.check(operand))
    const throughOptional = operandType.kind === 'optional'
    const type = this.fieldType(throughOptional ? operandType.element : operandType, field, offset)
    if (test) return bool
    return (optional || throughOptional) && type.kind !== 'optional' ? optionalOf(type) : type
  }

  private fieldType(operand: Type, field: string, offset: number): Type {
    switch (operand.kind) {
      case 'dyn':
      case 'parameter':
        return dyn
      case 'map':
        if (assignable(operand.key, string, this.bindings)) return operand.value
        return this.fail(`type '${typeText(operand)}' does not support field selection`, offset)
      case 'object':
        return operand.field(field)?.type ?? this.fail(`undefined field '${field}'`, offset)
      default:
        return this.fail(`type '${typeText(operand)}' does not support field selection`, offset)
    }
  }

  private call(expr: CallExpr): Type {
    const { target, name, args, offset } = expr
    const namespace = target === undefined ? undefined : qualifiedName(target)
    if (namespace !== undefined && !this.isLocal(rootOf(namespace)) && !this.env.variables.has(rootOf(namespace))) {
      const full = `${namespace}.${name}`
      const functions = this.env.functions.get(full)
      if (functions !== undefined) return this.resolve(expr, full, functions, args, false)
    }
    const functions = this.env.functions.get(name)
    const all = target === undefined ? args : [target, ...args]
    if (functions !== undefined) return this.resolve(expr, name, functions, all, target !== undefined)
    for (const arg of all) this.check(arg)
    return this.fail(`undeclared reference to '${name}' (in container '')`, offset)
  }

  private resolve(
    expr: CallExpr,
    name: string,
    functions: readonly Overload[],
    args: readonly Expr[],
    member: boolean,
  ): Type {
    const issues = this.issues.length
    if (name === 'format') this.mixed++
    const types = args.map((arg) => this.check(arg))
    if (name === 'format') this.mixed--
    // What is wrong inside an argument says nothing about the call.
    if (this.issues.length > issues) return dyn
    const { overloads, result } = resolveCall(this, functions, types, member)
    if (result === undefined)
      return this.fail(
        noOverload(
          name,
          types.map((type) => this.resolved(type)),
          member,
        ),
        expr.offset,
      )
    const problem = checkLiteralArguments(name, args)
    if (problem !== undefined) this.fail(problem, args.at(-1)?.offset ?? expr.offset)
    this.calls.set(expr, { overloads, args })
    return result
  }

  private list({ elements }: ListExpr): Type {
    let element: Type = { kind: 'parameter', name: this.fresh() }
    for (const { value, optional } of elements) element = this.common(element, this.element(value, optional), value)
    return listOf(element)
  }

  private element(value: Expr, optional: boolean): Type {
    const type = this.resolved(this.check(value))
    if (!optional) return type
    if (type.kind === 'optional') return type.element
    if (type.kind === 'dyn') return dyn
    return this.fail(`expected type 'optional_type(dyn)' but found '${typeText(type)}'`, value.offset)
  }

  private common(known: Type, found: Type, expr: Expr): Type {
    const both = joined(known, found, this.bindings)
    if (both !== undefined) return both
    if (this.mixed > 0) return dyn
    const [wanted, given] = [typeText(this.resolved(known)), typeText(this.resolved(found))]
    return this.fail(`expected type '${wanted}' but found '${given}'`, expr.offset)
  }

  private map({ entries }: MapExpr): Type {
    let key: Type = { kind: 'parameter', name: this.fresh() }
    let value: Type = { kind: 'parameter', name: this.fresh() }
    for (const entry of entries) {
      key = this.common(key, this.check(entry.key), entry.key)
      value = this.common(value, this.element(entry.value, entry.optional), entry.value)
    }
    return mapOf(key, value)
  }

  private struct(expr: StructExpr): Type {
    const type = this.env.constructible(expr.name)
    for (const field of expr.fields) {
      const given = this.element(field.value, field.optional)
      if (type === undefined) continue
      const wanted = type.field(field.name)?.type
      if (wanted === undefined) this.fail(`undefined field '${field.name}'`, field.offset)
      else if (!assignable(wanted, given, this.bindings))
        this.fail(
          `expected type of field '${field.name}' is '${typeText(wanted)}' but provided type is '${typeText(this.resolved(given))}'`,
          field.offset,
        )
    }
    return type ?? this.fail(`undeclared reference to '${expr.name}' (in container '')`, expr.offset)
  }
}

const rootOf = (qualified: string): string => qualified.split('.', 1)[0] ?? ''

function literalType({ value }: LiteralExpr): Type {
  switch (typeof value) {
    case 'boolean':
      return bool
    case 'bigint':
      return int
    case 'number':
      return double
    case 'string':
      return string
    default:
      return value === null ? nullType : value instanceof Uint ? uint : bytes
  }
}

function noOverload(name: string, types: readonly Type[], member: boolean): string {
  const texts = types.map(typeText)
  const signature = member ? `${texts[0] ?? ''}.(${texts.slice(1).join(', ')})` : `(${texts.join(', ')})`
  return `found no matching overload for '${name}' applied to '${signature}'`
}
