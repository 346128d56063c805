import { describe, expect, it } from 'vitest'
import { seededRandom } from '../random.ts'
import { compileRegex, RegexBudgetError } from './regex.ts'

describe('a regular expression', () => {
  it.each<[string, string, boolean]>([
    ['abc', 'xxabcxx', true],
    ['^abc$', 'xabc', false],
    ['^abc$', 'abc', true],
    ['^$', '', true],
    ['', 'anything', true],
    ['^(a|b)*c?$', 'ababc', true],
    ['^(a|b)*c?$', 'abcc', false],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 'web-1', true],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 'web-', false],
    ['^\\d{2,3}$', '1234', false],
    ['^\\d{2,3}$', '123', true],
    ['^a{0}$', 'a', false],
    ['^x{2,}$', 'xxxxx', true],
    ['a{,2}', 'a{,2}', true],
    ['^[^/]+$', 'a/b', false],
    ['^[[:alpha:]_]+$', 'ab_', true],
    ['^[\\w.-]+$', 'a.b-c', true],
    ['^[]a]+$', ']a', true],
    ['^\\pL+$', 'äß漢', true],
    ['^\\p{Greek}+$', 'αβγ', true],
    ['^\\P{L}+$', '123', true],
    ['^[^\\pL]+$', 'a', false],
    ['(?i)^ÄB[c-d]$', 'äbC', true],
    ['^(?P<year>\\d+)-(?<month>\\d+)$', '2026-07', true],
    ['\\bfoo\\b', 'a foo b', true],
    ['\\bfoo\\b', 'afoob', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['\\Qa.b\\E', 'a.b', true],
    ['\\Qa.b\\E', 'axb', false],
    ['^\\x41\\x{1F600}$', 'A😀', true],
    ['\\Aab\\z', 'ab', true],
    ['^.$', '😀', true],
    ['^(foo|bar)?$', '', true],
    ['^(?:(?:a|b)|c)+$', 'cab', true],
    ['a$|b$', 'xb', true],
  ])('%s on %j: %s', (source, text, matches) => {
    expect(compileRegex(source).test(text)).toBe(matches)
  })

  it.each([
    ['(', 'error parsing regexp: missing closing ): `(`'],
    ['a)', 'error parsing regexp: unexpected ): `a)`'],
    ['[a', 'error parsing regexp: missing closing ]: `[a`'],
    ['*', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
    ['(a{100}){100}', 'error parsing regexp: invalid repeat count: `(a{100}){100}`'],
    ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
    ['\\y', 'error parsing regexp: invalid escape sequence: `\\y`'],
    ['\\', 'error parsing regexp: trailing backslash at end of expression'],
    ['\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
    [')', 'error parsing regexp: unexpected ): `)`'],
    ['(?<!a)', 'error parsing regexp: invalid named capture: `(?<!a)`'],
    ['(?P<n', 'error parsing regexp: invalid named capture: `(?P<n`'],
    ['(?i-)a', 'error parsing regexp: invalid or unsupported Perl syntax: `(?i-)`'],
    ['\\p{Nope}', 'error parsing regexp: invalid character class range: `\\p{Nope}`'],
    ['[[:valueOf:]]', 'error parsing regexp: invalid character class range: `[:valueOf:]`'],
    ['((a{1000}){1000}){1000}', 'error parsing regexp: invalid repeat count: `(a{1000}){1000}`'],
    ['((((){1000}){1000}){1000}){1000}', 'error parsing regexp: invalid repeat count: `((){1000}){1000}`'],
  ])('%s is refused', (source, message) => {
    expect(() => compileRegex(source)).toThrow(message)
  })

  it('that would backtrack for ever elsewhere answers in time proportional to the text', () => {
    const text = `${'a'.repeat(50_000)}!`
    for (const source of ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(.*)*x', '^(([a-z])+.)+[A-Z]([a-z])+$'])
      expect(compileRegex(source).test(text)).toBe(false)
  })

  it('gives up rather than to stand still', () => {
    const random = seededRandom(3)
    const text = Array.from({ length: 30_000 }, () => 'ab'.charAt(random.integer(2))).join('')
    expect(() => compileRegex('(a|b)*a(a|b){900}c').test(text)).toThrow(RegexBudgetError)
  })

  it('too deep or too large is refused, not run', () => {
    expect(() => compileRegex('('.repeat(5000))).toThrow('expression nests too deeply')
    expect(() => compileRegex('(a?b?c?d?e?f?g?h?i?j?){1000}')).toThrow('expression too large')
    expect(() => compileRegex(`(${'()'.repeat(500)}){1000}`)).toThrow('expression too large')
    expect(() => compileRegex(`(${'a'.repeat(150_000)}){2}`)).toThrow('expression too large')
  })
})
