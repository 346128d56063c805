import { expect, it } from 'vitest'
import { goJsonError } from './go-json-error.ts'

const end = 'unexpected end of JSON input'
it.each<[string, string | undefined]>([
  ['{}', undefined],
  [' {"a": [1, -0.5e+3, "\\u00e9\\n", true, false, null, {}, []]} ', undefined],
  ['', end],
  ['{', end],
  ['"a', end],
  ['[1', end],
  ['tru', end],
  ['-', end],
  ['1.', end],
  ['"\\', end],
  ['"\\u00', end],
  ['a', "invalid character 'a' looking for beginning of value"],
  ['[,]', "invalid character ',' looking for beginning of value"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{a', "invalid character 'a' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"', `invalid character '"' after object key:value pair`],
  ['[1 2', "invalid character '2' after array element"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['01', "invalid character '1' after top-level value"],
  ['trux', "invalid character 'x' in literal true (expecting 'e')"],
  ['nil', "invalid character 'i' in literal null (expecting 'u')"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['1.a', "invalid character 'a' after decimal point in numeric literal"],
  ['1ex', "invalid character 'x' in exponent of numeric literal"],
  ['"\n"', "invalid character '\\n' in string literal"],
  ['"\x01"', "invalid character '\\x01' in string literal"],
  ['"\\a"', "invalid character 'a' in string escape code"],
  ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['\xc3', "invalid character 'Ã' looking for beginning of value"],
  ['\x80', "invalid character '\\u0080' looking for beginning of value"],
  ['['.repeat(10_001), "invalid character '[' exceeded max depth"],
])('%j: %s', (text, error) => expect(goJsonError(text)).toBe(error))

it.each(['{"a":[{"b":"c\\"d"}],"e":-1.5E-7}', '[[],{},""]', ' 0 ', '"\\ud83d"', '{"a":1}}', '[1}', '{"a":tru}', '+1'])(
  '%j is JSON when it is for this engine',
  (text) => {
    const isJson = (): boolean => {
      try {
        JSON.parse(text)
        return true
      } catch {
        return false
      }
    }
    expect(goJsonError(text) === undefined).toBe(isJson())
  },
)
