import { describe, expect, it } from 'vitest'
import { creationCauses } from '../../../../test/support/validation.ts'
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
      'spec.limits[0].max[foo] must be a standard resource type or fully qualified',
    ],
  ])('refuse %s', (_case, limits, error) => {
    expect(errorsOf(...limits)).toContain(error)
  })

  const at = 'spec.limits[0]'
  const causes = (...limits: LimitRangeItem[]): string[] => creationCauses(limitRange, { spec: { limits } })
  const typeWords = 'must be a standard resource type or fully qualified'
  it.each<[LimitRangeItem, string[]]>([
    [{ type: 'example.com/any', max: { storage: '1' } }, []],
    [{ type: 'Odd' }, [`${at}.type: Invalid value: "Odd": must be a standard limit type or fully qualified`]],
    [
      { type: 'Container', max: { foo: '1' }, min: { storage: '1' } },
      [
        `${at}.max[foo]: Invalid value: "foo": ${typeWords}`,
        `${at}.max[foo]: Invalid value: "foo": must be a standard resource for containers`,
        `${at}.min[storage]: Invalid value: "storage": must be a standard resource for containers`,
        `${at}.default[foo]: Invalid value: "foo": ${typeWords}`,
        `${at}.default[foo]: Invalid value: "foo": must be a standard resource for containers`,
        `${at}.defaultRequest[storage]: Invalid value: "storage": must be a standard resource for containers`,
        `${at}.defaultRequest[foo]: Invalid value: "foo": ${typeWords}`,
        `${at}.defaultRequest[foo]: Invalid value: "foo": must be a standard resource for containers`,
      ],
    ],
    [
      { type: 'Pod', max: { 'requests.example.com/gpu': '1' } },
      [
        `${at}.max[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": doesn't follow extended resource name standard`,
      ],
    ],
    [
      { type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' }, default: { cpu: '1' } },
      [
        `${at}.default: Forbidden: may not be specified when \`type\` is 'Pod'`,
        `${at}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`,
      ],
    ],
    [
      { type: 'Container', min: { cpu: '3' }, default: { cpu: '2' }, defaultRequest: { cpu: '2' }, max: { cpu: '5' } },
      [
        `${at}.defaultRequest[cpu]: Invalid value: "2": min value 3 is greater than default request value 2`,
        `${at}.default[cpu]: Invalid value: "3": min value 3 is greater than default value 2`,
      ],
    ],
    [
      { type: 'Container', default: { cpu: '2' }, defaultRequest: { cpu: '1' }, max: { cpu: '1' } },
      [`${at}.default[cpu]: Invalid value: "1": default value 2 is greater than max value 1`],
    ],
    [
      { type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' }, maxLimitRequestRatio: { cpu: '900m' } },
      [
        `${at}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`,
        `${at}.maxLimitRequestRatio[cpu]: Invalid value: "900m": ratio 900m is less than 1`,
        `${at}.maxLimitRequestRatio[cpu]: Invalid value: "900m": ratio 900m is greater than max/min = 0.500000`,
      ],
    ],
    [
      { type: 'Container', default: { 'example.com/gpu': '2' }, defaultRequest: { 'example.com/gpu': '1' } },
      [
        `${at}.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu`,
      ],
    ],
  ])('with %j', (item, expected) => expect(causes(item)).toEqual(expected))
})
