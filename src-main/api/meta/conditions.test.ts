import { expect, it } from 'vitest'
import { findCondition, isConditionTrue, withCondition, withoutCondition } from './conditions.ts'

interface Condition {
  type: string
  status: string
  reason?: string
  lastTransitionTime?: string
}

const ready: Condition = { type: 'Ready', status: 'True', reason: 'a', lastTransitionTime: 'then' }
const other: Condition = { type: 'Other', status: 'False', lastTransitionTime: 'then' }

it('a new condition stands since now', () => {
  expect(withCondition<Condition>(undefined, { type: 'Ready', status: 'True' }, 'now')).toEqual({
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: 'now' }],
    changed: true,
  })
})

it('another reason keeps the time of the transition', () => {
  const next = withCondition<Condition>([other, ready], { type: 'Ready', status: 'True', reason: 'b' }, 'now')
  expect(next).toEqual({ conditions: [other, { ...ready, reason: 'b' }], changed: true })
})

it('another status moves it', () => {
  const next = withCondition<Condition>([ready], { type: 'Ready', status: 'False', reason: 'a' }, 'now')
  expect(next.conditions).toEqual([{ ...ready, status: 'False', lastTransitionTime: 'now' }])
})

it('the same again is no change', () => {
  expect(withCondition<Condition>([ready], { type: 'Ready', status: 'True', reason: 'a' }, 'now')).toEqual({
    conditions: [ready],
    changed: false,
  })
})

it('conditions are found and taken away by type', () => {
  expect(findCondition([other, ready], 'Ready')).toBe(ready)
  expect(isConditionTrue([other], 'Other')).toBe(false)
  expect(withoutCondition([other, ready], 'Ready')).toEqual({ conditions: [other], changed: true })
  expect(withoutCondition([other], 'Ready').changed).toBe(false)
})
