import { expect, it } from 'vitest'
import { withoutEnd } from './without-end.ts'

it.each([
  ['', ''],
  ['a', 'a'],
  ['a/', 'a'],
  ['/a///', '/a'],
  ['///', ''],
  ['a//b', 'a//b'],
])('takes what stands at the end of %j', (text, left) => {
  expect(withoutEnd(text, '/')).toBe(left)
})
