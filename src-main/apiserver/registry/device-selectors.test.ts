import { describe, expect, it } from 'vitest'
import { checkClaim, checkClaimTemplate, checkDeviceClass } from './device-selectors.ts'

const select = (expression: string) => ({ selectors: [{ cel: { expression } }] })

describe('the selector of a device class', () => {
  it.each([
    'device.driver == "gpu.example.com"',
    'device.attributes["gpu.example.com"].model == "a100"',
    'device.capacity["gpu.example.com"].memory.compareTo(quantity("40Gi")) >= 0',
    '"gpu.example.com" in device.attributes && device.attributes["gpu.example.com"].exists(name, name == "model")',
  ])('may be %s', (expression) => {
    expect(checkDeviceClass({ spec: select(expression) })).toEqual([])
  })

  it.each([
    ['device.nope', "compilation failed: ERROR: <input>:1:7: undefined field 'nope'"],
    ['device.driver', 'must evaluate to bool'],
    ['device.driver ==', 'compilation failed'],
  ])('is refused: %s', (expression, problem) => {
    expect(checkDeviceClass({ spec: select(expression) })).toMatchObject([
      { path: 'spec.selectors[0].cel.expression', detail: expect.stringContaining(problem) as string },
    ])
  })
})

describe('the selectors of a claim', () => {
  const devices = { requests: [{ exactly: select('1') }, { firstAvailable: [select('true'), select('2')] }] }
  const paths = ['devices.requests[0].exactly.selectors[0]', 'devices.requests[1].firstAvailable[1].selectors[0]']

  it('are checked wherever they stand', () => {
    expect(checkClaim({ spec: { devices } }).map(({ path }) => path)).toEqual(
      paths.map((path) => `spec.${path}.cel.expression`),
    )
    expect(checkClaimTemplate({ spec: { spec: { devices } } }).map(({ path }) => path)).toEqual(
      paths.map((path) => `spec.spec.${path}.cel.expression`),
    )
  })

  it('of the first beta version are told at the paths of v1', () => {
    const flat = { requests: [select('1'), { firstAvailable: [select('true'), select('2')] }] }
    const errors = checkClaim({ apiVersion: 'resource.k8s.io/v1beta1', spec: { devices: flat } })
    expect(errors.map(({ path }) => path)).toEqual(paths.map((path) => `spec.${path}.cel.expression`))
  })

  it('are not compiled when they are too long, or too many', () => {
    const long = { requests: [{ exactly: select(`device.driver == "${'x'.repeat(10 * 1024)}"`) }] }
    expect(checkClaim({ spec: { devices: long } })).toMatchObject([{ type: 'FieldValueTooLong' }])
    const many = Array.from({ length: 33 }, () => ({ exactly: select('1') }))
    expect(checkClaim({ spec: { devices: { requests: many } } })).toEqual([])
  })

  it('are looked at once', () => {
    expect(checkClaim({ spec: { devices } }, { spec: {} })).toEqual([])
    const spec = { ...select('1'), extendedResourceName: 'example.com/gpu' }
    expect(checkDeviceClass({ spec }, { spec: select('1') })).toEqual([])
  })
})
