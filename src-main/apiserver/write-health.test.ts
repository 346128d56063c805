import { expect, it } from 'vitest'
import { WriteHealth } from './write-health.ts'

it('tells of refused writes once, and once of their end', () => {
  const told: (string | undefined)[] = []
  const health = new WriteHealth((refusal) => told.push(refusal))
  health.taken()
  health.refused('the disk is full')
  health.refused('the disk is full')
  expect(health.refusal).toBe('the disk is full')
  health.taken()
  expect(health.refusal).toBeUndefined()
  health.taken()
  expect(told).toEqual(['the disk is full', undefined])
})
