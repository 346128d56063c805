import { describe, expect, it } from 'vitest'
import type { Live } from '../api/meta/object.ts'
import type { Pod, Service } from '../api/types/core-v1.ts'
import { aPod } from './test-objects.ts'
import { triggerTimeAnnotation, TriggerTimes, withTriggerTime } from './trigger-times.ts'

const at = (minute: number): string => `2026-01-01T00:0${minute}:00Z`
const service = (created: string): Live<Service> => ({
  metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: created },
})
const readySince = (name: string, time?: string): Live<Pod> => {
  const conditions = time === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: time }]
  return aPod(name, { status: { conditions } })
}

describe('the time of the last change', () => {
  it('is that of the service at first, and then of the first pod that has changed', () => {
    const times = new TriggerTimes()
    const next = (...pods: readonly Live<Pod>[]): string | undefined => times.next('default/web', service(at(1)), pods)
    expect(next(readySince('a', at(2)))).toBe(at(1))
    expect(next(readySince('a', at(2)))).toBeUndefined()
    expect(next(readySince('a', at(2)), readySince('b', at(5)), readySince('c', at(4)), readySince('d'))).toBe(at(4))
    expect(next(readySince('a', at(6)), readySince('b', at(5)))).toBe(at(6))
    // A pod that goes has no time of its own.
    expect(next(readySince('a', at(6)))).toBeUndefined()
  })

  it('is that of a service that was made anew', () => {
    const times = new TriggerTimes()
    times.next('default/web', service(at(1)), [])
    expect(times.next('default/web', service(at(3)), [])).toBe(at(3))
    times.forget('default/web')
    expect(times.next('default/web', service(at(3)), [readySince('a', at(4))])).toBe(at(3))
  })

  it('stands among the annotations, and goes with the next change that has none', () => {
    const written = withTriggerTime({ name: 'web', annotations: { mine: 'x' } }, at(1))
    expect(written).toEqual({ name: 'web', annotations: { mine: 'x', [triggerTimeAnnotation]: at(1) } })
    expect(withTriggerTime(written, undefined)).toEqual({ name: 'web', annotations: { mine: 'x' } })
    expect(withTriggerTime({ name: 'web', annotations: { [triggerTimeAnnotation]: at(1) } }, undefined)).toEqual({
      name: 'web',
    })
  })
})
