import { describe, expect, it } from 'vitest'
import type { Toleration } from '../../../types/core-v1.ts'
import { validateTolerations } from './tolerations.ts'

const key = 'example.com/failures'
const problems = (toleration: Toleration): string[] =>
  validateTolerations([toleration], 'spec.tolerations').map(({ path }) => path)

describe('a toleration', () => {
  const good: Toleration[] = [
    { operator: 'Exists' },
    { key, value: 'many' },
    { key, operator: 'Lt', value: '-5', effect: 'NoExecute', tolerationSeconds: 60 },
    { key, operator: 'Gt', value: '0' },
  ]
  it.each(good)('may be %j', (toleration) => {
    expect(problems(toleration)).toEqual([])
  })

  const bad: [Toleration, string][] = [
    [{ operator: 'Gt', value: '1' }, 'operator'],
    [{ key, operator: 'Gt', value: 'many' }, 'operator'],
    [{ key, operator: 'Lt', value: '007' }, 'operator'],
    [{ key, operator: 'Lt' }, 'operator'],
    [{ key, operator: 'Ge', value: '1' }, 'operator'],
    [{ key, operator: 'Exists', value: 'x' }, 'operator'],
    [{ key, tolerationSeconds: 5 }, 'effect'],
  ]
  it.each(bad)('may not be %j', (toleration, field) => {
    expect(problems(toleration)).toEqual([`spec.tolerations[0].${field}`])
  })
})
