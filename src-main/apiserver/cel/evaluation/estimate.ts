/**
 * What an expression may cost at most. Sizes come from the schema where it bounds them; where it does not, only the
 * size of a request is a bound, and comprehensions inside comprehensions soon cost more than is allowed.
 */
import type { Expr, MacroExpr } from '../syntax/ast.ts'
import type { Checked } from '../types/checker.ts'
import type { Type } from '../types/type.ts'

/** What a request may weigh. */
export const largestRequestBytes = 3 * 1024 * 1024

export interface Estimate {
  readonly cost: number
  readonly size: number
}

const limit = Number.MAX_SAFE_INTEGER
const capped = (value: number): number => Math.min(value, limit)

export function estimate(expr: Expr, checked: Checked): Estimate {
  const typeOf = (part: Expr): Type | undefined => checked.types.get(part)
  const sum = (parts: readonly Expr[]): number => capped(parts.reduce((total, part) => total + walk(part).cost, 0))

  function walk(part: Expr): Estimate {
    switch (part.kind) {
      case 'literal':
        return { cost: 0, size: literalSize(part.value) }
      case 'ident':
        return { cost: 1, size: sizeOf(typeOf(part)) }
      case 'select':
        return { cost: capped(walk(part.operand).cost + 1), size: part.test ? 1 : sizeOf(typeOf(part)) }
      case 'list':
        return { cost: capped(10 + sum(part.elements.map(({ value }) => value))), size: part.elements.length }
      case 'map':
        return {
          cost: capped(30 + sum(part.entries.flatMap(({ key, value }) => [key, value]))),
          size: part.entries.length,
        }
      case 'struct':
        return { cost: capped(40 + sum(part.fields.map(({ value }) => value))), size: part.fields.length }
      case 'optionalMacro':
        return { cost: capped(1 + sum([part.target, part.body])), size: walk(part.body).size }
      case 'macro':
        return comprehension(part)
      case 'call': {
        const resolved = checked.calls.get(part)
        const args = (resolved?.args ?? part.args).map(walk)
        const sizes = args.map(({ size }) => size)
        const own = (resolved?.overloads ?? []).map(({ cost }) => cost(...sizes))
        const cost = capped(args.reduce((total, arg) => total + arg.cost, 0) + Math.max(1, ...own))
        return { cost, size: resultSize(part, sizes) }
      }
    }
  }

  function comprehension({ macro, range, filter, body }: MacroExpr): Estimate {
    const over = walk(range)
    const inner = walk(body)
    const round = 2 + inner.cost + (filter === undefined ? 0 : walk(filter).cost)
    const isBool = macro === 'all' || macro === 'exists' || macro === 'existsOne'
    return { cost: capped(over.cost + over.size * round), size: isBool ? 1 : over.size }
  }

  function resultSize(part: Extract<Expr, { kind: 'call' }>, sizes: readonly number[]): number {
    const type = typeOf(part)
    if (type === undefined || !hasSize(type)) return type?.kind === 'dyn' ? sizeOf(type) : 1
    if (part.name === '_[_]' || part.name === '_[?_]') return sizeOf(type)
    if (part.name === '_?_:_') return Math.max(sizes[1] ?? 0, sizes[2] ?? 0)
    const own = checked.calls.get(part)?.overloads.map((overload) => overload.resultSize?.(...sizes)) ?? []
    const declared = own.filter((size) => size !== undefined)
    return capped(declared.length > 0 ? Math.max(...declared) : sizes.reduce((total, size) => total + size, 0))
  }

  return walk(expr)
}

function literalSize(value: unknown): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 1
}

const hasSize = ({ kind }: Type): boolean =>
  kind === 'string' || kind === 'bytes' || kind === 'list' || kind === 'map' || kind === 'dyn'

/** The most that a value of the type can hold. */
export function sizeOf(type: Type | undefined): number {
  switch (type?.kind) {
    case 'string':
    case 'bytes':
      return type.maximum ?? largestRequestBytes
    case 'list':
      return type.maximum ?? Math.floor(largestRequestBytes / (smallestJson(type.element) + 1))
    case 'map':
      return type.maximum ?? Math.floor(largestRequestBytes / (smallestJson(type.value) + 6))
    case 'dyn':
    case undefined:
      return largestRequestBytes
    default:
      return 1
  }
}

/** The bytes of the shortest JSON that a value of the type has. */
function smallestJson(type: Type): number {
  switch (type.kind) {
    case 'bool':
      return 4
    case 'timestamp':
      return 22
    case 'duration':
      return 4
    case 'string':
    case 'bytes':
    case 'list':
    case 'map':
    case 'object':
      return 2
    default:
      return 1
  }
}
