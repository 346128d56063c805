/** From text to tree, by the grammar of CEL, one function for each level of precedence. */
import { CompileError } from '../errors.ts'
import { Uint } from '../values/uint.ts'
import { qualifiedName, type Expr, type ListExpr, type MapExpr, type StructExpr } from './ast.ts'
import { expandMacro } from './macros.ts'
import { reservedWords, type Literal, type Token } from './token.ts'
import { tokensOf } from './tokens.ts'

/** Deeper nesting is refused, so that nothing that walks the tree runs out of stack. */
const maximumDepth = 250
const maximumCharacters = 100_000

const relations: ReadonlyMap<string, string> = new Map([
  ...['<', '<=', '>', '>=', '==', '!='].map((symbol): [string, string] => [symbol, `_${symbol}_`]),
  ['in', '@in'],
])
const sums: ReadonlyMap<string, string> = new Map(['+', '-'].map((symbol) => [symbol, `_${symbol}_`]))
const products: ReadonlyMap<string, string> = new Map(['*', '/', '%'].map((symbol) => [symbol, `_${symbol}_`]))

const smallestInt = -(2n ** 63n)
const largestInt = 2n ** 63n - 1n
const largestUint = 2n ** 64n - 1n

/** Throws CompileError. */
export function parse(source: string): Expr {
  if (source.length > maximumCharacters) {
    const message = `expression code point size exceeds limit: size: ${source.length}, limit ${maximumCharacters}`
    throw new CompileError(source.slice(0, 100), [{ message, offset: 0 }])
  }
  return new Parser(source).whole()
}

class Parser {
  private readonly source: string
  private readonly tokens: readonly Token[]
  private position = 0
  private depth = 0

  constructor(source: string) {
    this.source = source
    this.tokens = tokensOf(source)
  }

  whole(): Expr {
    const expr = this.expression()
    if (this.next.type !== 'end') throw this.unexpected(this.next, '<EOF>')
    return expr
  }

  private get next(): Token {
    return this.tokens[this.position] ?? { type: 'end', text: '<EOF>', offset: this.source.length }
  }

  private take(): Token {
    const token = this.next
    this.position++
    return token
  }

  private at(text: string): boolean {
    const { type, text: found } = this.next
    return found === text && (type === 'operator' || type === 'ident')
  }

  private accept(text: string): Token | undefined {
    return this.at(text) ? this.take() : undefined
  }

  private expect(text: string): Token {
    const token = this.accept(text)
    if (token === undefined) throw this.unexpected(this.next, `'${text}'`)
    return token
  }

  private unexpected({ text, offset }: Token, expected?: string): CompileError {
    const words =
      expected === undefined ? `extraneous input '${text}'` : `mismatched input '${text}' expecting ${expected}`
    return this.error(`Syntax error: ${words}`, offset)
  }

  private error(message: string, offset: number): CompileError {
    return new CompileError(this.source, [{ message, offset }])
  }

  private deeper<T>(read: () => T): T {
    if (this.depth >= maximumDepth) throw this.error(`expression recursion limit exceeded: ${maximumDepth}`, 0)
    this.depth++
    const result = read()
    this.depth--
    return result
  }

  private expression(): Expr {
    return this.deeper(() => {
      const condition = this.logical('||', '_||_', () => this.logical('&&', '_&&_', () => this.relation()))
      const mark = this.accept('?')
      if (mark === undefined) return condition
      const yes = this.logical('||', '_||_', () => this.logical('&&', '_&&_', () => this.relation()))
      this.expect(':')
      const no = this.expression()
      return call('_?_:_', [condition, yes, no], mark.offset)
    })
  }

  /** Long chains become balanced trees, which are not deep. */
  private logical(symbol: string, name: string, operand: () => Expr): Expr {
    const operands = [operand()]
    const offsets: number[] = []
    for (let token = this.accept(symbol); token !== undefined; token = this.accept(symbol)) {
      offsets.push(token.offset)
      operands.push(operand())
    }
    const balanced = (from: number, until: number): Expr => {
      const only = operands[from]
      if (until - from === 1 && only !== undefined) return only
      const middle = from + Math.ceil((until - from) / 2)
      return call(name, [balanced(from, middle), balanced(middle, until)], offsets[middle - 1] ?? 0)
    }
    return balanced(0, operands.length)
  }

  private chain(operators: ReadonlyMap<string, string>, operand: () => Expr): Expr {
    const depth = this.depth
    let left = operand()
    for (;;) {
      const { type, text, offset } = this.next
      const name = type === 'operator' || type === 'ident' ? operators.get(text) : undefined
      if (name === undefined) break
      this.take()
      this.goDeeper(offset)
      left = call(name, [left, operand()], offset)
    }
    this.depth = depth
    return left
  }

  /** What grows to the left nests as deeply as what grows to the right. */
  private goDeeper(offset: number): void {
    if (++this.depth > maximumDepth) throw this.error(`expression recursion limit exceeded: ${maximumDepth}`, offset)
  }

  private relation(): Expr {
    return this.chain(relations, () => this.sum())
  }

  private sum(): Expr {
    return this.chain(sums, () => this.chain(products, () => this.unary()))
  }

  private unary(): Expr {
    const { text, offset, type } = this.next
    if (type !== 'operator' || (text !== '!' && text !== '-')) return this.member(this.primary())
    this.take()
    const { type: nextType, offset: nextOffset } = this.next
    if (text === '-' && nextType === 'number') return this.member(this.number(this.take(), offset, nextOffset))
    const operand = this.deeper(() => this.unary())
    return call(text === '!' ? '!_' : '-_', [operand], offset)
  }

  private member(start: Expr): Expr {
    const depth = this.depth
    let expr = start
    for (;;) {
      const { offset } = this.next
      if (this.accept('.') !== undefined) expr = this.selected(expr, offset)
      else if (this.accept('[') !== undefined) {
        const optional = this.accept('?') !== undefined
        const index = this.expression()
        this.expect(']')
        expr = call(optional ? '_[?_]' : '_[_]', [expr, index], offset)
      } else if (this.at('{') && qualifiedName(expr) !== undefined) expr = this.struct(qualifiedName(expr) ?? '')
      else break
      this.goDeeper(offset)
    }
    this.depth = depth
    return expr
  }

  private selected(operand: Expr, offset: number): Expr {
    const optional = this.accept('?') !== undefined
    const field = this.take()
    if (field.type !== 'ident') throw this.unexpected(field, 'IDENTIFIER')
    if (!optional && this.at('(')) {
      const open = this.take()
      return this.called(field, operand, open.offset)
    }
    return { kind: 'select', operand, field: field.text, test: false, optional, offset }
  }

  private called(name: Token, target: Expr | undefined, offset: number): Expr {
    const args = this.list(')', () => this.expression())
    const expanded = expandMacro(name.text, target, args, offset, (message, at) => this.error(message, at))
    return expanded ?? { kind: 'call', name: name.text, target, args, offset }
  }

  /** What stands between brackets, with a comma at the end or without one. */
  private list<T>(close: string, item: () => T): T[] {
    const items: T[] = []
    while (!this.at(close)) {
      items.push(item())
      if (this.accept(',') === undefined) break
    }
    this.expect(close)
    return items
  }

  private primary(): Expr {
    const token = this.take()
    const { type, text, offset } = token
    if (type === 'string') return { kind: 'literal', value: token.value ?? '', offset }
    if (type === 'number') return this.number(token, undefined, offset)
    if (type === 'ident') return this.identifier(token)
    if (type === 'operator') {
      if (text === '.' && this.next.type === 'ident') return this.identifier(this.take())
      if (text === '(') {
        const inner = this.expression()
        this.expect(')')
        return inner
      }
      if (text === '[') return this.listLiteral(offset)
      if (text === '{') return this.mapLiteral(offset)
    }
    throw this.unexpected(
      token,
      "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    )
  }

  private number({ value }: Token, minus: number | undefined, offset: number): Expr {
    const start = minus ?? offset
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw this.error('invalid double literal', start)
      return { kind: 'literal', value: minus === undefined ? value : -value, offset: start }
    }
    if (value instanceof Uint) {
      if (value.value > largestUint) throw this.error('invalid uint literal', start)
      if (minus === undefined) return { kind: 'literal', value, offset: start }
      return call('-_', [{ kind: 'literal', value, offset }], start)
    }
    const signed = typeof value === 'bigint' ? (minus === undefined ? value : -value) : 0n
    if (signed > largestInt || signed < smallestInt) throw this.error('invalid int literal', start)
    return { kind: 'literal', value: signed, offset: start }
  }

  private identifier(token: Token): Expr {
    const { text, offset } = token
    if (Object.hasOwn(words, text)) return { kind: 'literal', value: words[text] ?? null, offset }
    if (text === 'in' || reservedWords.has(text)) throw this.error(`reserved identifier: ${text}`, offset)
    if (this.at('(')) {
      const open = this.take()
      return this.called(token, undefined, open.offset)
    }
    return { kind: 'ident', name: text, offset }
  }

  private listLiteral(offset: number): ListExpr {
    const elements = this.list(']', () => {
      const optional = this.accept('?') !== undefined
      return { value: this.expression(), optional }
    })
    return { kind: 'list', elements, offset }
  }

  private mapLiteral(offset: number): MapExpr {
    const entries = this.list('}', () => {
      const optional = this.accept('?') !== undefined
      const key = this.expression()
      this.expect(':')
      return { key, value: this.expression(), optional }
    })
    return { kind: 'map', entries, offset }
  }

  private struct(name: string): StructExpr {
    const { offset } = this.take()
    const fields = this.list('}', () => {
      const optional = this.accept('?') !== undefined
      const field = this.take()
      if (field.type !== 'ident') throw this.unexpected(field, 'IDENTIFIER')
      const colon = this.expect(':')
      return { name: field.text, value: this.expression(), optional, offset: colon.offset }
    })
    return { kind: 'struct', name, fields, offset }
  }
}

const words: Readonly<Record<string, Literal>> = { true: true, false: false, null: null }

const call = (name: string, args: readonly Expr[], offset: number): Expr => ({
  ...{ kind: 'call', name, target: undefined, args, offset },
})
