import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import { plainRules } from '../plain-rules.ts'

const rules = plainRules('resource.k8s.io', 'v1beta2', 'devicetaintrules')
const taint = { key: 'example.com/broken', effect: 'NoExecute' }
const textsOf = (errors: ReturnType<NonNullable<typeof rules.validate>> | undefined): string[] =>
  (errors ?? []).map((error) => `${error.path}: ${fieldErrorBody(error)}`)
const effects = 'supported values: "NoExecute", "NoSchedule", "None"'

describe('a rule that taints devices', () => {
  it.each<[object, string[]]>([
    [{ taint }, []],
    [{ taint, deviceSelector: { driver: 'd.io', pool: 'a/b', device: 'c' } }, []],
    [{ taint: { ...taint, effect: '' } }, ['spec.taint.effect: Required value']],
    [{ taint: { ...taint, effect: 'Some' } }, [`spec.taint.effect: Unsupported value: "Some": ${effects}`]],
    [{ taint, deviceSelector: { pool: '' } }, ['spec.deviceSelector.pool: Required value']],
  ])('%j → %j', (spec, texts) => {
    expect(textsOf(rules.validateNew?.({ spec }))).toEqual(texts)
  })

  it('may keep an effect that is none', () => {
    const spec = { taint: { ...taint, effect: 'Some' } }
    expect(rules.validateUpdate?.({ spec }, { spec })).toEqual([])
  })

  it('has no more than eight conditions', () => {
    const conditions = [...'abcdefghi'].map((type) => ({
      ...{ type, status: 'True', reason: 'Up', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
    }))
    const errors = rules.validateStatus?.({ status: { conditions } }, {})
    expect(textsOf(errors)).toEqual(['status.conditions: Too many: 9: must have at most 8 items'])
  })
})
