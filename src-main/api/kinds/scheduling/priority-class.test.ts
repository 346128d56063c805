import { describe, expect, it } from 'vitest'
import { creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { PriorityClass } from '../../types/scheduling-v1.ts'
import { priorityClass } from './priority-class.ts'

const aClass: PriorityClass = { metadata: { name: 'high' }, value: 10 }
const reserved = "priority class names with 'system-' prefix are reserved for system use only. error:"

describe('a new PriorityClass', () => {
  it.each<[Changes, string[]]>([
    [{}, []],
    [{ value: 1_000_000_001 }, ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000']],
    [
      { 'metadata.name': 'system-mine' },
      [`metadata.name: Forbidden: ${reserved} system-mine is not a known system priority class`],
    ],
    [
      { preemptionPolicy: 'Odd' },
      ['preemptionPolicy: Unsupported value: "Odd": supported values: "PreemptLowerPriority", "Never"'],
    ],
  ])('with %j', (changes, causes) => expect(creationCauses(priorityClass, aClass, changes)).toEqual(causes))
})

describe('a changed PriorityClass', () => {
  const tooHigh: PriorityClass = { metadata: { name: 'high' }, value: 2_000_000_000 }
  it.each<[PriorityClass, Changes, string[]]>([
    [aClass, { description: 'for all', globalDefault: true }, []],
    [tooHigh, { description: 'from before the rules' }, []],
    [aClass, { value: 11 }, ['value: Forbidden: may not be changed in an update.']],
    [aClass, { preemptionPolicy: 'Never' }, ['preemptionPolicy: Invalid value: "Never": field is immutable']],
  ])('of %j with %j', (base, changes, causes) => expect(updateCauses(priorityClass, base, changes)).toEqual(causes))
})
