import { describe, expect, it } from 'vitest'
import { codePointsOf, compileRegexp } from './regexp.ts'

const found = (pattern: string, text: string): string | undefined => {
  const points = codePointsOf(text)
  const match = compileRegexp(pattern).find(points, 0, () => undefined)
  return match && String.fromCodePoint(...points.slice(match.start, match.end))
}

describe('a regular expression', () => {
  it.each([
    ['abc', 'xabcx', 'abc'],
    ['a|ab', 'ab', 'a'],
    ['ab|a', 'ab', 'ab'],
    ['a*', 'aaa', 'aaa'],
    ['a*?', 'aaa', ''],
    ['a+?', 'aaa', 'a'],
    ['a{2,3}', 'aaaa', 'aaa'],
    ['a{2}', 'a', undefined],
    ['(?U)a+', 'aaa', 'a'],
    ['^b', 'ab', undefined],
    ['(?m)^b', 'a\nb', 'b'],
    ['a$', 'a\n', undefined],
    ['.+', 'ab\ncd', 'ab'],
    ['(?s).+', 'ab\ncd', 'ab\ncd'],
    ['(?i)hello', 'HeLLo', 'HeLLo'],
    ['(?i:h)ello', 'HELLO', undefined],
    ['[a-c]+', 'xxabcabx', 'abcab'],
    ['[^a-c]+', 'abxyc', 'xy'],
    ['[]a]+', 'x]a', ']a'],
    ['[a\\-z]+', 'm-a', '-a'],
    ['[[:alpha:]]+', '12ab', 'ab'],
    ['\\d+\\.\\d+', 'v1.25', '1.25'],
    ['\\bcat\\b', 'a cat.', 'cat'],
    ['\\p{Greek}+', 'abγδ', 'γδ'],
    ['\\pL+', '1é', 'é'],
    ['\\x41\\x{42}', 'AB', 'AB'],
    ['\\Qa.b\\E+', 'a.b', 'a.b'],
    ['(?P<name>x)y', 'xy', 'xy'],
    ['(?:ab)+', 'ababx', 'abab'],
    ['😀.', '😀😁', '😀😁'],
    ['x{,2}', 'x{,2}', 'x{,2}'],
    ['(a+)+$', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', undefined],
  ])('%s finds in %s', (pattern, text, expected) => {
    expect(found(pattern, text)).toBe(expected)
  })

  it.each(['(', ')', '[a', 'a**', '*', '(?=a)', '(?<!a)', '\\1', 'a{1001}', '[z-a]', '\\p{Nope}', '(?P<n', '\\'])(
    'is none: %s',
    (pattern) => {
      expect(() => compileRegexp(pattern)).toThrow()
    },
  )

  it('is refused when it is huge', () => {
    expect(() => compileRegexp('((a{1000}){1000}){1000}')).toThrow('too large')
    expect(() => compileRegexp('((((){1000}){1000}){1000}){1000}')).toThrow('too large')
  })
})
