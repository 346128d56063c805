/** String and bytes literals: quotes, prefixes, escapes. */
import { CompileError } from '../errors.ts'

const simpleEscapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '?': '?', '"': '"', "'": "'", '`': '`' },
}

/** `opening` is the prefix and the quote at `start`. Throws CompileError. */
export function readString(
  source: string,
  start: number,
  opening: string,
): { value: string | Uint8Array; end: number } {
  const quote = opening.replace(/^[rRbB]+/, '')
  const prefix = opening.slice(0, opening.length - quote.length).toLowerCase()
  const from = start + opening.length
  const until = closingQuote(source, from, quote, prefix.includes('r'))
  if (until === undefined) {
    const text = source.slice(start, start + 20)
    throw new CompileError(source, [{ message: `Syntax error: token recognition error at: '${text}'`, offset: start }])
  }
  const raw = source.slice(from, until)
  const bytes = prefix.includes('b')
  const pieces = prefix.includes('r') ? [raw] : unescape(source, raw, from, bytes)
  return { value: bytes ? bytesOf(pieces) : pieces.join(''), end: until + quote.length }
}

function closingQuote(source: string, from: number, quote: string, raw: boolean): number | undefined {
  for (let at = from; at < source.length; at++) {
    if (source.startsWith(quote, at)) return at
    if (source[at] === '\\' && !raw) at++
    else if (quote.length === 1 && (source[at] === '\n' || source[at] === '\r')) return undefined
  }
  return undefined
}

/** Text as it is, and code points that stand for bytes as numbers. */
function unescape(source: string, raw: string, from: number, bytes: boolean): (string | number)[] {
  const pieces: (string | number)[] = []
  for (let at = 0; at < raw.length;) {
    const next = raw.indexOf('\\', at)
    if (next !== at) {
      const end = next < 0 ? raw.length : next
      pieces.push(raw.slice(at, end))
      at = end
      continue
    }
    const piece = escapeAt(raw, at + 1, bytes)
    if (piece === undefined)
      throw new CompileError(source, [
        { message: 'Syntax error: invalid escape sequence in a literal', offset: from + at },
      ])
    pieces.push(piece.value)
    at += 1 + piece.length
  }
  return pieces
}

function escapeAt(raw: string, at: number, bytes: boolean): { value: string | number; length: number } | undefined {
  const letter = raw[at] ?? ''
  if (Object.hasOwn(simpleEscapes, letter)) return { value: simpleEscapes[letter] ?? '', length: 1 }
  const hex = /^(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(raw.slice(at, at + 9))
  const octal = /^[0-3][0-7]{2}/.exec(raw.slice(at, at + 3))
  const digits = hex?.[1] ?? hex?.[2] ?? hex?.[3]
  const code = octal !== null ? parseInt(octal[0], 8) : digits === undefined ? undefined : parseInt(digits, 16)
  if (code === undefined || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  const length = octal !== null ? 3 : (hex?.[0].length ?? 0)
  if (!bytes) return { value: String.fromCodePoint(code), length }
  return letter === 'u' || letter === 'U' ? undefined : { value: code, length }
}

function bytesOf(pieces: readonly (string | number)[]): Uint8Array {
  const encoder = new TextEncoder()
  return Uint8Array.from(pieces.flatMap((piece) => (typeof piece === 'number' ? [piece] : [...encoder.encode(piece)])))
}
