import { describe, expect, it } from 'vitest'
import { codePointsOf, compileSearch } from './search.ts'

const effortless = (): void => undefined

const found = (pattern: string, text: string): string | undefined => {
  const points = codePointsOf(text)
  const match = compileSearch(pattern).find(points, 0, effortless)
  return match && String.fromCodePoint(...points.slice(match.start, match.end))
}

describe('a search by a regular expression', () => {
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
    ['\\Qab\\E*', 'abbb', 'abbb'],
    ['(|a)*', 'aa', ''],
    ['(a|b)*?b', 'aabab', 'aab'],
    ['(?i)[k-s]+', 'aK\u212a\u017fx', 'K\u212a\u017f'],
    ['(?i)\\p{Lu}+', 'aB1', 'aB'],
    ['(?i)\\P{Lu}+', 'aB1', '1'],
    ['(a+)+$', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', undefined],
  ])('%s finds in %s', (pattern, text, expected) => {
    expect(found(pattern, text)).toBe(expected)
  })

  it('goes on where it is told to', () => {
    const points = codePointsOf('ab ab')
    expect(compileSearch('\\bab').find(points, 1, effortless)).toEqual({ start: 3, end: 5 })
    expect(compileSearch('^ab').find(points, 1, effortless)).toBeUndefined()
  })

  it('says how much it looks at, and may be stopped', () => {
    const stop = (states: number): void => {
      if (states > 0) throw new Error('enough')
    }
    expect(() => compileSearch('a*').test(codePointsOf('aaa'), stop)).toThrow('enough')
  })
})
