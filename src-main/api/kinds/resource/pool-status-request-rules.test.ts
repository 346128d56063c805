import { describe, expect, it } from 'vitest'
import { fieldErrorBody, type FieldError } from '../../field-error.ts'
import { plainRules } from '../plain-rules.ts'

const rules = plainRules('resource.k8s.io', 'v1alpha3', 'resourcepoolstatusrequests')
const textsOf = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map((error) => `${error.path}: ${fieldErrorBody(error)}`)

describe('a question about pools', () => {
  it.each<[object, string[]]>([
    [{ driver: 'd.io', poolName: 'a/b', limit: 10 }, []],
    [{}, ['spec.driver: Required value: driver name is required']],
    [{ driver: 'd.io', poolName: '' }, ['spec.poolName: Invalid value: "": must not be empty when specified']],
    [{ driver: 'd.io', limit: 0 }, ['spec.limit: Invalid value: 0: must be at least 1']],
    [{ driver: 'd.io', limit: 1001 }, ['spec.limit: Invalid value: 1001: must not exceed 1000']],
  ])('%j → %j', (spec, texts) => {
    expect(textsOf(rules.validateNew?.({ spec }))).toEqual(texts)
  })

  it('stays as it is, and so does its answer', () => {
    const [first, second] = [{ spec: { driver: 'd.io' } }, { spec: { driver: 'e.io' } }]
    expect(rules.validateUpdate?.(second, first)).toMatchObject([{ path: 'spec' }])
    const answer = { status: { pools: [{ driver: 'd.io', poolName: 'p', generation: -1 }], poolCount: 1 } }
    expect(textsOf(rules.validateStatus?.(answer, { status: {} }))).toEqual([
      'status.pools[0].generation: Invalid value: -1: must be non-negative',
    ])
    expect(rules.validateStatus?.({ status: {} }, answer)).toMatchObject([{ path: 'status' }])
  })
})
