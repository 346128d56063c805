import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import { validateCapacity } from './capacity-policy.ts'

const errorsOf = (requestPolicy: object, value = '10'): string[] =>
  validateCapacity({ value, requestPolicy }, 'c', true).map((error) => `${error.path}: ${fieldErrorBody(error)}`)
const range = (validRange: object, fallback = '2') => ({ default: fallback, validRange: { min: '1', ...validRange } })
const values = (...validValues: string[]) => ({ default: '1', validValues })
const [list, bounds] = ['c.requestPolicy.validValues', 'c.requestPolicy.validRange']

describe('what may be asked of a capacity', () => {
  it.each<[object, string[]]>([
    [{}, []],
    [values('1', '2'), []],
    [
      { ...values('1'), validRange: { min: '1' } },
      [
        'c.requestPolicy: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time',
      ],
    ],
    [{ validValues: ['1'] }, ['c.requestPolicy.default: Required value: required when validValues is defined']],
    [{ validRange: {} }, ['c.requestPolicy.default: Required value: required when validRange is defined']],
    [values('2', '1'), [`${list}[1]: Invalid value: "1": values must be sorted in ascending order`]],
    [values('1', '1'), [`${list}[1]: Duplicate value: "1"`]],
    [values('1', '11'), [`${list}[1]: Invalid value: "11": option is larger than capacity value: 10`]],
    [values('2'), [`${list}: Invalid value: "1": default value is not valid according to the requestPolicy`]],
    [{ default: '2', validRange: {} }, [`${bounds}.min: Required value: required when validRange is defined`]],
    [range({ max: '9', step: '1' }), []],
    [range({ min: '3' }), [`${bounds}.min: Invalid value: "2": default is less than min: 3`]],
    [range({ max: '11' }), [`${bounds}.max: Invalid value: "11": max is larger than capacity value: 10`]],
    [range({ max: '3' }, '4'), [`${bounds}.max: Invalid value: "4": default is more than max: 3`]],
    [range({ step: '0' }), [`${bounds}.step: Invalid value: "0": must be greater than zero`]],
    [
      range({ step: '2', max: '4' }, '3'),
      [`${bounds}.step: Invalid value: "4": value is not a multiple of a given step (2) from (1)`],
    ],
    [
      range({ step: '10' }, '1'),
      [`${bounds}.step: Invalid value: "10": one step 11 is larger than capacity value: 10`],
    ],
  ])('%j → %j', (policy, texts) => {
    expect(errorsOf(policy)).toEqual(texts)
  })

  it('is counted once for each value, however it is written', () => {
    expect(errorsOf({ default: '1Ki', validValues: ['1Ki', '1024'] }, '2Ki')).toEqual([
      `${list}[1]: Duplicate value: "1024"`,
    ])
  })
})
