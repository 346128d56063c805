import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import { plainRules } from '../plain-rules.ts'

const long = { opaque: { driver: 'gpu.example.com', parameters: { text: 'x'.repeat(10 * 1024) } } }
const notExtended = 'must be a valid extended resource name'

describe.each(['v1', 'v1beta1', 'v1beta2'])('a device class of %s', (version) => {
  const rules = plainRules('resource.k8s.io', version, 'deviceclasses')
  const errorsOf = (spec: object, before?: object): string[] =>
    (
      (before === undefined ? rules.validateNew?.({ spec }) : rules.validateUpdate?.({ spec }, { spec: before })) ?? []
    ).map((error) => `${error.path}: ${fieldErrorBody(error)}`)

  it.each<[object, string[]]>([
    [{ extendedResourceName: 'example.com/gpu' }, []],
    [{ extendedResourceName: 'gpu' }, [`spec.extendedResourceName: Invalid value: "gpu": ${notExtended}`]],
    [
      { extendedResourceName: 'requests.example.com/gpu' },
      [`spec.extendedResourceName: Invalid value: "requests.example.com/gpu": ${notExtended}`],
    ],
    [{ selectors: [{}] }, ['spec.selectors[0].cel: Required value']],
    [{ config: [{}] }, ['spec.config[0].opaque: Required value']],
    [{ config: Array.from({ length: 33 }, () => ({})) }, ['spec.config: Too many: 33: must have at most 32 items']],
    [{ config: [long] }, ['spec.config[0].opaque.parameters: Too long: may not be more than 10240 bytes']],
  ])('%j → %j', (spec, texts) => {
    expect(errorsOf(spec)).toEqual(texts)
    expect(errorsOf(spec, {})).toEqual(texts)
  })

  it('may keep what is too long for a new one', () => {
    expect(errorsOf({ config: [long] }, { config: [long] })).toEqual([])
  })
})
