import { describe, expect, it } from 'vitest'
import type { Toleration } from '../types/core-v1.ts'
import { toleratesTaint } from './tolerations.ts'

const taint = (value: string) => ({ key: 'example.com/failures', value, effect: 'NoExecute' })
const key = 'example.com/failures'

describe('a toleration that compares', () => {
  const cases: [Toleration, string, boolean][] = [
    [{ key, operator: 'Lt', value: '5' }, '4', true],
    [{ key, operator: 'Lt', value: '5' }, '5', false],
    [{ key, operator: 'Gt', value: '-2' }, '-1', true],
    [{ key, operator: 'Gt', value: '5' }, '5', false],
    [{ key, operator: 'Gt', value: '9' }, '10', true],
    [{ key: 'example.com/other', operator: 'Gt', value: '1' }, '2', false],
    [{ key, operator: 'Gt', value: '1', effect: 'NoSchedule' }, '2', false],
    // Neither is a number as these operators want it.
    [{ key, operator: 'Gt', value: '1' }, 'many', false],
    [{ key, operator: 'Gt', value: '1' }, '007', false],
    [{ key, operator: 'Lt', value: '9223372036854775808' }, '1', false],
  ]
  it.each(cases)('%j on the value %s: %s', (toleration, value, covers) => {
    expect(toleratesTaint(toleration, taint(value))).toBe(covers)
  })
})
