import { expect, it } from 'vitest'
import { parseYamlText } from './decode.ts'

it('a body of YAML takes JSON as it is, and for YAML what only looks like it', () => {
  const read = (text: string): unknown => parseYamlText(Buffer.from(text))
  expect(read(' {"a": 1, "b": "yes"}')).toEqual({ a: 1, b: 'yes' })
  expect(read('{a: 1, b: yes}')).toEqual({ a: 1, b: true })
  expect(() => read(`{"a": ${'['.repeat(3000)}${']'.repeat(3000)}}`)).toThrow(/exceeded max depth/)
  expect(read(`a: |-\n  ${'['.repeat(3000)}\n`)).toEqual({ a: '['.repeat(3000) })
})
