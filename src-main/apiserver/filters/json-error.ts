/** What is wrong with a JSON text, in Go's words, for clients show them. */

/** V8's words for what was expected, and Go's for where the wrong character stands. */
const places: readonly (readonly [expected: RegExp, place: string])[] = [
  [/^Expected (?:property name|double-quoted property name)/, 'looking for beginning of object key string'],
  [/^Expected ':'/, 'after object key'],
  [/^Expected ',' or '}'/, 'after object key:value pair'],
  [/^Expected ',' or ']'/, 'after array element'],
  [/^Unexpected non-whitespace/, 'after top-level value'],
  [/^Bad control character/, 'in string literal'],
  [/^Bad escaped character/, 'in string escape code'],
  [/^Unexpected token/, 'looking for beginning of value'],
]

/** `error`: what `JSON.parse` threw. */
export function jsonErrorText(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const at = /position (\d+)/.exec(message)?.[1]
  const character = at === undefined ? /^Unexpected token '(.+?)'/su.exec(message)?.[1] : text[Number(at)]
  const place = places.find(([expected]) => expected.test(message))?.[1]
  if (/^Unexpected end|^Unterminated/.test(message) || (at !== undefined && character === undefined))
    return 'unexpected end of JSON input'
  return character === undefined || place === undefined ? message : `invalid character ${quoted(character)} ${place}`
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', "'": "\\'", '\\': '\\\\' }
const quoted = (character: string): string => `'${escapes[character] ?? character}'`
