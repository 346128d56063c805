import { describe, expect, it } from 'vitest'
import { fieldErrorBody, type FieldError } from '../../field-error.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { plainRules } from '../plain-rules.ts'

const group = 'resource.k8s.io'
const claims = plainRules(group, 'v1', 'resourceclaims')
const flatClaims = plainRules(group, 'v1beta1', 'resourceclaims')
const templates = plainRules(group, 'v1', 'resourceclaimtemplates')

const textsOf = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map((error) => `${error.path}: ${fieldErrorBody(error)}`)
const withDevices = (devices: object): DynamicObject => ({ spec: { devices } })
const wish = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 }
const request = { name: 'a', exactly: wish }
const either = (...names: string[]): object => ({ name: 'a', firstAvailable: names.map((name) => ({ name, ...wish })) })
const requests = (...list: object[]): object => ({ requests: list })
const exactly = (fields: object): object => requests({ name: 'a', exactly: { ...wish, ...fields } })
const many = (count: number, one: (index: number) => object): object[] =>
  Array.from({ length: count }, (_, index) => one(index))
const opaque = { driver: 'gpu.example.com', parameters: { kind: 'Some' } }

const noSuchRequest =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
const oneKind = 'exactly one of `exactly` or `firstAvailable` is required'
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

describe('the devices of a claim', () => {
  it.each<[object, string[]]>([
    [requests(request, { ...request, name: 'b' }), []],
    [{}, []],
    [requests(request, request), ['requests[1]: Duplicate value: "a"']],
    [requests({ name: '', exactly: wish }), [`requests[0].name: Invalid value: "": ${label}`]],
    [requests({ name: 'a' }), [`requests[0]: Required value: ${oneKind}`]],
    [
      requests({ ...either('b'), exactly: wish }),
      [`requests[0]: Invalid value: null: ${oneKind}, but multiple fields are set`],
    ],
    [requests(either('b', 'c')), []],
    [requests(either('b', 'b')), ['requests[0].firstAvailable[1]: Duplicate value: "b"']],
    [requests(either(...'bcdefghij')), ['requests[0].firstAvailable: Too many: 9: must have at most 8 items']],
    [{ requests: many(33, () => request) }, ['requests: Too many: 33: must have at most 32 items']],
    [exactly({ deviceClassName: '' }), ['requests[0].exactly.deviceClassName: Required value']],
    [exactly({ count: 0 }), ['requests[0].exactly.count: Invalid value: 0: must be greater than zero']],
    [
      exactly({ allocationMode: 'All' }),
      ["requests[0].exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'"],
    ],
    [
      exactly({ allocationMode: 'Some' }),
      ['requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"'],
    ],
    [exactly({ selectors: [{}] }), ['requests[0].exactly.selectors[0].cel: Required value']],
    [
      exactly({ selectors: many(33, () => ({})) }),
      ['requests[0].exactly.selectors: Too many: 33: must have at most 32 items'],
    ],
    [exactly({ tolerations: [{ operator: 'Exists' }, { key: 'a', operator: 'Equal', value: 'b' }] }), []],
    [
      exactly({ tolerations: [{ operator: 'Exists', value: 'a' }, {}, { operator: 'In', effect: 'Never' }] }),
      [
        'requests[0].exactly.tolerations[0].value: Invalid value: "a": must be empty for operator `Exists`',
        'requests[0].exactly.tolerations[1].operator: Required value',
        'requests[0].exactly.tolerations[2].operator: Unsupported value: "In": supported values: "Equal", "Exists"',
        'requests[0].exactly.tolerations[2].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "None"',
      ],
    ],
    [
      { ...requests(request), constraints: [{}] },
      [
        'constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      ],
    ],
    [{ ...requests(request), constraints: [{ requests: ['a'], matchAttribute: 'example.com/model' }] }, []],
    [{ ...requests(either('b')), constraints: [{ requests: ['a/b', 'a'], distinctAttribute: 'e.io/model' }] }, []],
    [
      { ...requests(request), constraints: [{ requests: ['a', 'a', 'a/b/c', 'a/b'], matchAttribute: 'model' }] },
      [
        `constraints[0].requests[2]: Invalid value: "a/b/c": ${noSuchRequest}`,
        `constraints[0].requests[3]: Invalid value: "a/b": ${noSuchRequest}`,
        'constraints[0].requests[1]: Duplicate value: "a"',
        'constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash',
      ],
    ],
    [{ ...requests(request), config: [{ requests: ['a'], opaque }] }, []],
    [{ ...requests(request), config: [{}] }, ['config[0].opaque: Required value']],
    [
      { config: [{ opaque: { ...opaque, parameters: 'text' } }, { opaque: { driver: opaque.driver } }] },
      [
        'config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
        'config[1].opaque.parameters: Required value',
      ],
    ],
    [
      { config: [{ opaque: { ...opaque, parameters: { text: 'x'.repeat(10 * 1024) } } }] },
      ['config[0].opaque.parameters: Too long: may not be more than 10240 bytes'],
    ],
  ])('%j → %j', (devices, texts) => {
    expect(textsOf(claims.validateNew?.(withDevices(devices)))).toEqual(texts.map((text) => `spec.devices.${text}`))
    const template: DynamicObject = { spec: { spec: { devices } } }
    expect(textsOf(templates.validateNew?.(template))).toEqual(texts.map((text) => `spec.spec.devices.${text}`))
  })

  it('are one of a class, unless the claim says otherwise', () => {
    const draft = withDevices(requests({ name: 'a', exactly: { deviceClassName: 'gpu', tolerations: [{}] } }))
    claims.defaults?.(draft)
    expect(draft).toEqual(withDevices(exactly({ tolerations: [{ operator: 'Equal' }] })))
  })

  it('of the first beta version have the same rules, at the paths of v1', () => {
    const draft: DynamicObject = {
      apiVersion: `${group}/v1beta1`,
      ...withDevices(requests({ name: 'a', deviceClassName: 'gpu' }, { name: 'b', deviceClassName: 'gpu', count: -1 })),
    }
    flatClaims.defaults?.(draft)
    const filled = requests({ name: 'a', ...wish }, { name: 'b', ...wish, count: -1 })
    expect(draft).toMatchObject(withDevices(filled))
    expect(textsOf(flatClaims.validateNew?.(draft))).toEqual([
      'spec.devices.requests[1].exactly.count: Invalid value: -1: must be greater than zero',
    ])
  })

  it('stay as they are', () => {
    const [before, after] = [withDevices(requests(request)), withDevices(requests({ ...request, name: 'b' }))]
    for (const rules of [claims, templates]) {
      expect(rules.validateUpdate?.(before, before)).toEqual([])
      expect(rules.validateUpdate?.(after, before)).toMatchObject([{ path: 'spec', detail: 'field is immutable' }])
    }
  })
})

describe('the metadata of a claim template', () => {
  it.each<[object, string[]]>([
    [{ labels: { a: 'b' }, annotations: { a: 'b' } }, []],
    [{ name: 'a' }, ['spec.metadata.name: Forbidden: cannot be set']],
  ])('%j → %j', (metadata, texts) => {
    expect(textsOf(templates.validateNew?.({ spec: { metadata, spec: {} } }))).toEqual(texts)
  })
})
