import { describe, expect, it } from 'vitest'
import { copyPlain, samePlain } from './plain.ts'

describe('a plain copy', () => {
  it('shares nothing with the original and leaves out what is undefined', () => {
    const original = { a: [{ b: 1 }], c: undefined, d: null, e: [undefined] }
    const copy = copyPlain(original)
    expect(copy).toEqual({ a: [{ b: 1 }], d: null, e: [null] })
    expect(Object.keys(copy)).not.toContain('c')
    expect(copy.a).not.toBe(original.a)
    expect(copy.a[0]).not.toBe(original.a[0])
  })

  it('of a field with a treacherous name is a field', () => {
    const copy = copyPlain(JSON.parse('{"__proto__":{"x":1}}'))
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"x":1}}')
  })
})

describe('two values', () => {
  it.each<[unknown, unknown, boolean]>([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ a: undefined, b: 1 }, { c: 1, b: 1 }, false],
    [[1, 2], [2, 1], false],
    [[1], { 0: 1 }, false],
    [{}, [], false],
    [null, {}, false],
    [{ a: { b: [1, { c: 'd' }] } }, { a: { b: [1, { c: 'd' }] } }, true],
    ['1', 1, false],
  ])('%j and %j mean the same: %s', (left, right, same) => {
    expect(samePlain(left, right)).toBe(same)
    expect(samePlain(right, left)).toBe(same)
  })
})
