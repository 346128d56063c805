import { expect, it } from 'vitest'
import { goJson } from './go-json.ts'

it.each([
  [
    { kind: 'A', apiVersion: 'v1', data: { b: 1, a: [true, null] } },
    '{"apiVersion":"v1","data":{"a":[true,null],"b":1},"kind":"A"}',
  ],
  [{ 9: 1, 10: 2, '': 3 }, '{"":3,"10":2,"9":1}'],
  [{ absent: undefined, text: '<a href="x">&\u2028' }, '{"text":"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028"}'],
])('writes %o as Go does', (value, text) => {
  expect(goJson(value)).toBe(text)
})
