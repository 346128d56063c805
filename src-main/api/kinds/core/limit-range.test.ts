import { describe, expect, it } from 'vitest'
import type { LimitRangeItem } from '../../types/core-v1.ts'
import { limitRange } from './limit-range.ts'

const errorsOf = (...limits: LimitRangeItem[]): string[] =>
  (limitRange.validate?.({ spec: { limits } }) ?? []).map(({ path, detail }) => `${path} ${detail}`)

describe('limit ranges', () => {
  it('give containers the maximum as their limit, and the limit, or else the minimum, as their request', () => {
    const draft = {
      spec: {
        limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '1', memory: '1Gi' } }] as LimitRangeItem[],
      },
    }
    limitRange.defaults?.(draft)
    expect(draft.spec.limits[0]).toMatchObject({
      default: { cpu: '2' },
      defaultRequest: { cpu: '2', memory: '1Gi' },
    })
  })

  it.each<[string, LimitRangeItem[], string]>([
    ['two items of one type', [{ type: 'Pod' }, { type: 'Pod' }], 'spec.limits[1].type '],
    [
      'defaults of pods',
      [{ type: 'Pod', default: { cpu: '1' } }],
      "spec.limits[0].default may not be specified when `type` is 'Pod'",
    ],
    [
      'a minimum above the maximum',
      [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }],
      'spec.limits[0].min[cpu] min value 2 is greater than max value 1',
    ],
    [
      'a default request above the default limit',
      [{ type: 'Container', defaultRequest: { cpu: '2' }, default: { cpu: '1' } }],
      'spec.limits[0].defaultRequest[cpu] default request value 2 is greater than default limit value 1',
    ],
    [
      'a default limit above the maximum',
      [{ type: 'Container', default: { cpu: '2' }, max: { cpu: '1' } }],
      'spec.limits[0].default[cpu] default value 2 is greater than max value 1',
    ],
    [
      'a ratio that is none',
      [{ type: 'Container', maxLimitRequestRatio: { cpu: '800m' } }],
      'spec.limits[0].maxLimitRequestRatio[cpu] ratio 800m is less than 1',
    ],
    [
      'a ratio that the bounds do not allow',
      [{ type: 'Container', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '10' } }],
      'spec.limits[0].maxLimitRequestRatio[cpu] ratio 10 is greater than max/min = 2.000000',
    ],
    [
      'claims without a bound',
      [{ type: 'PersistentVolumeClaim' }],
      'spec.limits[0].limits either minimum or maximum storage value is required, but neither was provided',
    ],
    [
      'a resource that does not exist',
      [{ type: 'Container', max: { foo: '1' } }],
      'spec.limits[0].max[foo] must be a standard limit type or fully qualified',
    ],
  ])('refuse %s', (_case, limits, error) => {
    expect(errorsOf(...limits)).toContain(error)
  })
})
