/** Splits an expression into tokens. */
import { CompileError } from '../errors.ts'
import { Uint } from '../values/uint.ts'
import { readString } from './string-literal.ts'
import type { Token } from './token.ts'

const space = /[ \t\r\n\f]+|\/\/[^\n]*/y
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y
const float = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y
const integer = /(?:0[xX][0-9a-fA-F]+|\d+)/y
const operator = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}]/y
const stringStart = /(?:[rR][bB]|[bB][rR]|[rR]|[bB])?(?:"""|'''|"|')/y

/** Throws CompileError. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  let position = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position
    const [text] = pattern.exec(source) ?? []
    if (text !== undefined) position += text.length
    return text
  }
  for (;;) {
    while (take(space) !== undefined);
    const offset = position
    if (position >= source.length) return [...tokens, { type: 'end', text: '<EOF>', offset }]
    const quote = take(stringStart)
    if (quote !== undefined) {
      const { value, end } = readString(source, offset, quote)
      position = end
      tokens.push({ type: 'string', text: source.slice(offset, end), value, offset })
      continue
    }
    const name = take(identifier)
    if (name !== undefined) {
      tokens.push({ type: 'ident', text: name, offset })
      continue
    }
    // A dot that selects is no start of a number.
    const selects = source[position] === '.' && !/\d/.test(source[position + 1] ?? '')
    const decimal = selects ? undefined : take(float)
    if (decimal !== undefined) {
      tokens.push({ type: 'number', text: decimal, value: Number(decimal), offset })
      continue
    }
    const digits = take(integer)
    if (digits !== undefined) {
      const unsigned = take(/[uU]/y) !== undefined
      tokens.push({ type: 'number', text: digits, value: unsigned ? new Uint(BigInt(digits)) : BigInt(digits), offset })
      continue
    }
    const symbol = take(operator)
    if (symbol === undefined) {
      const wrong = String.fromCodePoint(source.codePointAt(offset) ?? 0)
      const message = `Syntax error: token recognition error at: '${wrong}'`
      throw new CompileError(source, [{ message, offset }])
    }
    tokens.push({ type: 'operator', text: symbol, offset })
  }
}
