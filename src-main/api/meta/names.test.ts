import { describe, expect, it } from 'vitest'
import * as names from './names.ts'

const long = (length: number): string => 'a'.repeat(length)

describe('rules for names', () => {
  it.each<[keyof typeof names & `${string}Problems`, string[], string[]]>([
    ['dnsLabelProblems', ['a', 'a-b', '0', long(63)], ['', 'A', '-a', 'a-', 'a.b', 'a_b', long(64)]],
    ['dnsSubdomainProblems', ['a.b', 'a', '1.2', long(253)], ['', '.', 'a..b', 'a.', 'A.b', long(254)]],
    ['dns1035LabelProblems', ['a', 'a1'], ['1a', 'a.b', '']],
    ['qualifiedNameProblems', ['a', 'A_b.c', 'x.y/Name'], ['', '/a', 'a/', 'a/b/c', 'X/a', '-a', long(64)]],
    ['labelValueProblems', ['', 'A', '1.2_3'], ['-', 'a b', long(64)]],
    ['pathSegmentProblems', ['system:node', 'a'], ['.', '..', 'a/b', 'a%b']],
    ['dataKeyProblems', ['a.txt', '_', '.a'], ['', '.', '..', '..a', 'a/b', long(254)]],
    ['environmentNameProblems', ['A', 'a b', '1'], ['', 'a=b', 'ä']],
    ['httpHeaderNameProblems', ['X-A'], ['X A', '']],
    ['portNameProblems', ['http', 'a-1'], ['', '80', 'a--b', '-a', 'HTTP', 'aaaaaaaaaaaaaaaa']],
  ])('%s accepts %j and refuses %j', (rule, fine, wrong) => {
    const check = names[rule] as (value: string) => string[]
    for (const value of fine) expect([value, check(value)]).toEqual([value, []])
    for (const value of wrong) expect([value, check(value).length]).not.toEqual([value, 0])
  })

  it('is worded as clients know it', () => {
    expect(names.dnsSubdomainProblems('A')).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ])
    expect(names.dnsLabelProblems('a.b')).toEqual(['must not contain dots'])
    expect(names.dnsLabelProblems(long(64))).toEqual(['must be no more than 63 characters'])
  })

  it('answers at once for a name of megabytes', () => {
    expect(names.dnsSubdomainProblems('a-'.repeat(1_000_000))).toEqual(['must be no more than 253 characters'])
  })

  it('lets a prefix end with a dash', () => {
    expect(names.subdomainName('web-', true)).toEqual([])
    expect(names.subdomainName('web-', false)).toHaveLength(1)
  })
})
