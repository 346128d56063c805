import { describe, expect, it } from 'vitest'
import { warningHeaders } from './warning-headers.ts'

describe('warnings', () => {
  it('are quoted, kept to one line, and said once', () => {
    expect(warningHeaders(['a "b" \\ c\nd', 'a "b" \\ c\nd', 'two'])).toEqual({
      warning: ['299 - "a \\"b\\" \\\\ c d"', '299 - "two"'],
    })
    expect(warningHeaders([])).toEqual({})
  })

  it('go out as UTF-8', () => {
    const [header] = warningHeaders(['“é”'])['warning'] as string[]
    expect(Buffer.from(header ?? '', 'latin1').toString()).toBe('299 - "“é”"')
  })

  const many = (count: number, text: (index: number) => string): string[] =>
    warningHeaders(Array.from({ length: count }, (_, index) => text(index)))['warning'] as string[]

  it('have room for four thousand characters, and are shortened beyond', () => {
    const long = (index: number): string => `${index}${'x'.repeat(999)}`
    expect(many(4, long)).toEqual([0, 1, 2, 3].map((index) => `299 - "${long(index)}"`))
    expect(many(5, long)).toEqual([0, 1, 2, 3, 4].map((index) => `299 - "${long(index).slice(0, 256)}"`))
    expect(many(1000, long)).toHaveLength(16)
    expect(many(1000, (index) => `${index}`)).toHaveLength(1000)
  })

  it('are not cut through a character', () => {
    const [header] = many(20, (index) => `${index}${'😀'.repeat(500)}`)
    expect(Buffer.from(header ?? '', 'latin1').toString()).toBe(`299 - "0${'😀'.repeat(255)}"`)
  })
})
