import { describe, expect, it } from 'vitest'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  milliValue,
  parseQuantity,
  QuantityError,
  roundedToMilli,
  subtractQuantities,
  wholeValue,
} from './quantity.ts'

describe('the canonical form', () => {
  it.each([
    ['0', '0'],
    ['0Gi', '0'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['1.', '1.'],
    ['1.G', '1.G'],
    ['1.500', '1.500'],
    ['1.5', '1500m'],
    ['0.5G', '500M'],
    ['00.5', '500m'],
    ['063M', '063M'],
    ['+1', '+1'],
    ['+1000', '1k'],
    ['+8Gi', '8Gi'],
    ['+9Gi', '+9Gi'],
    ['+', '0'],
    ['m', '0'],
    ['Ti', '0'],
    ['-1', '-1'],
    ['-0.5', '-500m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1k', '1k'],
    ['1000', '1k'],
    ['1200000', '1200k'],
    ['1234567890123456789', '1234567890123456789'],
    ['1024', '1024'],
    ['1024Ki', '1Mi'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1536Mi', '1536Mi'],
    ['0.5Ki', '512'],
    ['0.5Mi', '512Ki'],
    ['1Ki', '1Ki'],
    ['1000Ki', '1000Ki'],
    ['0.1Gi', '107374182400m'],
    ['0.0005Ki', '512m'],
    ['1e3', '1e3'],
    ['1E3', '1E3'],
    ['1E4', '10e3'],
    ['36e20', '3600e18'],
    ['1e999', '1e999'],
    ['5000e994', '50e996'],
    ['12e-1', '1200e-3'],
    ['1E', '1E'],
    ['1n', '1n'],
    ['1000u', '1m'],
    ['0.1n', '1n'],
    ['1.1n', '2n'],
    ['100E', '100E'],
    ['46.55E', '46550P'],
    ['100Ei', '9223372036854775807'],
    ['-100Ei', '-9223372036854775807'],
    [2, '2'],
    [0.1, '100m'],
  ])('of %s is %s', (text, canonical) => expect(canonicalQuantity(text)).toBe(canonical))

  it.each([
    '',
    'a',
    '1.2.3',
    '1 Gi',
    '1Zi',
    '1ee3',
    '1e',
    '--1',
    '1kk',
    'Pi',
    '-Ei',
    'e-10',
    '1e1000',
    'toString',
    '1constructor',
  ])('does not exist for %j', (text) => {
    expect(() => parseQuantity(text)).toThrow(QuantityError)
  })
})

describe('amounts of resources', () => {
  it.each([
    ['0.5', '500m'],
    ['1.500', '1.500'],
    ['0.0001', '1m'],
    ['-1.0001', '-1001m'],
    ['96u', '1m'],
    ['1n', '1m'],
    ['1000u', '1m'],
    ['1Gi', '1Gi'],
  ])('of %s are stored as %s', (text, stored) => {
    expect(formatQuantity(roundedToMilli(parseQuantity(text)))).toBe(stored)
  })
})

describe('arithmetic', () => {
  const q = parseQuantity

  it('compares across units', () => {
    expect(compareQuantities(q('1Gi'), q('1G'))).toBeGreaterThan(0)
    expect(compareQuantities(q('1000m'), q('1'))).toBe(0)
    expect(compareQuantities(q('-1'), q('0'))).toBeLessThan(0)
  })

  it('is exact where floating point is not', () => {
    expect(formatQuantity(addQuantities(q('0.1'), q('0.2')))).toBe('300m')
    expect(formatQuantity(addQuantities(q('9007199254740993'), q('1m')))).toBe('9007199254740993001m')
  })

  it('keeps the format of what it started from', () => {
    expect(formatQuantity(addQuantities(q('1Gi'), q('1Gi')))).toBe('2Gi')
    expect(formatQuantity(subtractQuantities(q('2Gi'), q('1Gi')))).toBe('1Gi')
    expect(formatQuantity(addQuantities(q('0'), q('1Gi')))).toBe('1Gi')
  })

  it.each([
    ['1m', 1, 1],
    ['1u', 1, 1],
    ['1001m', 1001, 2],
    ['-1500m', -1500, -2],
    ['1Gi', 1073741824000, 1073741824],
  ])('rounds %s away from zero: %i thousandths, %i units', (text, milli, whole) => {
    expect(milliValue(q(text))).toBe(milli)
    expect(wholeValue(q(text))).toBe(whole)
  })
})
