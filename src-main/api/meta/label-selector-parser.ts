import { checkRequirement, SelectorError, type Requirement, type RequirementOperator } from './label-requirement.ts'

const symbols = ['!=', '==', '=', '!', '>', '<', '(', ')', ','] as const
type SymbolText = (typeof symbols)[number]
type Token = { readonly type: SymbolText | 'word' | 'end'; readonly text: string }

const end: Token = { type: 'end', text: '' }

function tokens(text: string): Token[] {
  const found: Token[] = []
  let at = 0
  while (at < text.length) {
    const rest = text.slice(at)
    const space = /^\s+/.exec(rest)?.[0]
    const symbol = symbols.find((one) => rest.startsWith(one))
    const word = /^[^\s!=<>(),]+/.exec(rest)?.[0] ?? ''
    if (space !== undefined) at += space.length
    else if (symbol !== undefined) {
      found.push({ type: symbol, text: symbol })
      at += symbol.length
    } else {
      found.push({ type: 'word', text: word })
      at += word.length
    }
  }
  return found
}

/** Walks over the tokens of one selector. */
class Reader {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokens(text)
  }

  peek(): Token {
    return this.#tokens[this.#at] ?? end
  }

  take(): Token {
    const token = this.peek()
    this.#at++
    return token
  }
}

const wrong = (found: Token, expected: string): SelectorError =>
  new SelectorError(`found '${found.text}', expected: ${expected}`)

const startsRequirement = (token: Token): boolean => token.type === 'word' || token.type === '!'

/** The requirements of a selector in query syntax; throws SelectorError. */
export function parseRequirements(text: string): Requirement[] {
  const reader = new Reader(text)
  const requirements: Requirement[] = []
  if (reader.peek().type === 'end') return requirements
  if (!startsRequirement(reader.peek())) throw wrong(reader.peek(), "!, identifier, or 'end of string'")
  for (;;) {
    requirements.push(parseRequirement(reader))
    const separator = reader.take()
    if (separator.type === 'end') return requirements
    if (separator.type !== ',') throw wrong(separator, "',' or 'end of string'")
    if (!startsRequirement(reader.peek())) throw wrong(reader.peek(), "identifier after ','")
  }
}

function parseRequirement(reader: Reader): Requirement {
  try {
    return checkRequirement(readRequirement(reader))
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error
    throw new SelectorError(`unable to parse requirement: ${error.message}`, { cause: error })
  }
}

function readRequirement(reader: Reader): Requirement {
  const negated = reader.peek().type === '!'
  if (negated) reader.take()
  const key = reader.take()
  if (key.type !== 'word') throw wrong(key, 'identifier')
  if (negated) return { key: key.text, operator: '!', values: [] }
  const next = reader.peek()
  if (next.type === 'end' || next.type === ',') return { key: key.text, operator: 'exists', values: [] }
  const operator = operatorOf(reader.take())
  const values = operator === 'in' || operator === 'notin' ? readSet(reader) : [readValue(reader)]
  return { key: key.text, operator, values }
}

function operatorOf(token: Token): RequirementOperator {
  if (token.type === '=' || token.type === '==' || token.type === '!=') return token.type
  if (token.type === '>') return 'gt'
  if (token.type === '<') return 'lt'
  if (token.type === 'word' && (token.text === 'in' || token.text === 'notin')) return token.text
  throw wrong(token, 'in, notin, =, ==, !=, gt, lt')
}

/** The one value after an operator such as `=`, which may be empty. */
function readValue(reader: Reader): string {
  const next = reader.peek()
  if (next.type === 'end' || next.type === ',') return ''
  if (next.type !== 'word') throw wrong(next, 'identifier')
  return reader.take().text
}

/** `(a,b)`; an empty place between commas is the empty value. */
function readSet(reader: Reader): string[] {
  const open = reader.take()
  if (open.type !== '(') throw wrong(open, "'('")
  const values = new Set<string>()
  for (;;) {
    const token = reader.take()
    if (token.type === 'word') {
      values.add(token.text)
      const separator = reader.take()
      if (separator.type === ')') return [...values]
      if (separator.type !== ',') throw wrong(separator, "',' or ')'")
      if (reader.peek().type === ')') values.add('')
    } else if (token.type === ',') {
      values.add('')
      if (reader.peek().type === ')') values.add('')
    } else if (token.type === ')') {
      return [...values].length === 0 ? [''] : [...values]
    } else {
      throw wrong(token, "',', ')' or identifier")
    }
  }
}
