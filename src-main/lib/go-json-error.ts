/** What is wrong with a JSON text, in the words of Go's encoding/json, for clients show them. */

/** Deeper, Go does not look. */
const deepest = 10_000
const endWords = 'unexpected end of JSON input'

interface Place {
  /** Where the next character is read. */
  readonly next: number
  readonly error?: string
}

/** Undefined when nothing is wrong. Each character of the text stands for one byte. */
export function goJsonError(text: string): string | undefined {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  for (let at = afterSpace(text, 0); at < text.length; at = afterSpace(text, at)) {
    const character = text[at] ?? ''
    const step = stepAt(text, at, expected, open.at(-1))
    if (step.error !== undefined) return step.error
    if (step.opens === true) {
      if (open.push(character as '{' | '[') > deepest) return wrong(text, at, 'exceeded max depth')
    } else if (step.closes === true) open.pop()
    expected = step.then
    at = step.next
  }
  return expected === 'end' && open.length === 0 ? undefined : endWords
}

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'end'

interface Step extends Place {
  readonly then: Expected
  readonly opens?: true
  readonly closes?: true
}

function stepAt(text: string, at: number, expected: Expected, within: '{' | '[' | undefined): Step {
  const character = text[at] ?? ''
  const next = at + 1
  const fail = (words: string): Step => ({ next, then: 'end', error: wrong(text, at, words) })
  switch (expected) {
    case 'value':
    case 'value or end':
      if (character === '{') return { next, then: 'key or end', opens: true }
      if (character === '[') return { next, then: 'value or end', opens: true }
      if (character === ']' && expected === 'value or end') return { next, then: 'end', closes: true }
      return { then: 'end', ...scalarAt(text, at) }
    case 'key':
    case 'key or end':
      if (character === '"') return { then: 'colon', ...stringAt(text, at) }
      if (character === '}' && expected === 'key or end') return { next, then: 'end', closes: true }
      return fail('looking for beginning of object key string')
    case 'colon':
      return character === ':' ? { next, then: 'value' } : fail('after object key')
    case 'end':
      if (within === undefined) return fail('after top-level value')
      if (character === ',') return { next, then: within === '{' ? 'key' : 'value' }
      if (character === (within === '{' ? '}' : ']')) return { next, then: 'end', closes: true }
      return fail(within === '{' ? 'after object key:value pair' : 'after array element')
  }
}

function afterSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at++
  return at
}

const literals: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' }

function scalarAt(text: string, at: number): Place {
  const character = text[at] ?? ''
  if (character === '"') return stringAt(text, at)
  if (character === '-' || isDigit(character)) return numberAt(text, at)
  const literal = literals[character]
  if (literal === undefined) return failed(text, at, 'looking for beginning of value')
  for (let offset = 1; offset < literal.length; offset++) {
    const letter = literal[offset] ?? ''
    if (text[at + offset] !== letter) return failed(text, at + offset, `in literal ${literal} (expecting '${letter}')`)
  }
  return { next: at + literal.length }
}

function stringAt(text: string, start: number): Place {
  let at = start + 1
  for (; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '"') return { next: at + 1 }
    if (character < ' ') return failed(text, at, 'in string literal')
    if (character !== '\\') continue
    at++
    const escape = text[at]
    if (escape === undefined || !'bfnrtu\\/"'.includes(escape)) return failed(text, at, 'in string escape code')
    if (escape !== 'u') continue
    for (const last = at + 4; at < last;) {
      at++
      if (!/^[0-9a-fA-F]$/.test(text[at] ?? '')) return failed(text, at, 'in \\u hexadecimal character escape')
    }
  }
  return failed(text, at, '')
}

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && character >= '0' && character <= '9'

function numberAt(text: string, start: number): Place {
  let at = text[start] === '-' ? start + 1 : start
  if (!isDigit(text[at])) return failed(text, at, 'in numeric literal')
  const digits = (): void => {
    while (isDigit(text[at])) at++
  }
  if (text[at] === '0') at++
  else digits()
  if (text[at] === '.') {
    at++
    if (!isDigit(text[at])) return failed(text, at, 'after decimal point in numeric literal')
    digits()
  }
  if (text[at] === 'e' || text[at] === 'E') {
    at++
    if (text[at] === '+' || text[at] === '-') at++
    if (!isDigit(text[at])) return failed(text, at, 'in exponent of numeric literal')
    digits()
  }
  return { next: at }
}

const failed = (text: string, at: number, place: string): Place => ({ next: at, error: wrong(text, at, place) })

function wrong(text: string, at: number, place: string): string {
  const character = text[at]
  return character === undefined ? endWords : `invalid character ${quoted(character)} ${place}`
}

const escapes: Readonly<Record<string, string>> = {
  ...{ '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' },
  ...{ "'": "\\'", '\\': '\\\\' },
}

/** Go shows the byte as the character of this number. */
function quoted(character: string): string {
  const byte = character.charCodeAt(0)
  const hex = byte.toString(16)
  const isControl = byte < 0x20 || byte === 0x7f
  if (isControl) return `'${escapes[character] ?? `\\x${hex.padStart(2, '0')}`}'`
  const isHidden = (byte >= 0x80 && byte <= 0xa0) || byte === 0xad
  return `'${isHidden ? `\\u00${hex}` : (escapes[character] ?? character)}'`
}
