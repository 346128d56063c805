import { describe, expect, it } from 'vitest'
import { fieldErrorBody } from '../../field-error.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { plainRules } from '../plain-rules.ts'

const rules = plainRules('resource.k8s.io', 'v1', 'resourceslices')
const pool = { name: 'p', generation: 1, resourceSliceCount: 1 }
const valid = { driver: 'd.io', pool, nodeName: 'n' }
const errorsOf = (spec: object, before?: object): string[] =>
  (
    (before === undefined ? rules.validateNew?.({ spec }) : rules.validateUpdate?.({ spec }, { spec: before })) ?? []
  ).map((error) => `${error.path}: ${fieldErrorBody(error)}`)
const slice = (device: object): object => ({ ...valid, devices: [{ name: 'a', ...device }] })
const named = (count: number, fields: object = {}): object => ({
  ...valid,
  devices: Array.from({ length: count }, (_, index) => ({ name: `a-${index}`, ...fields })),
})
const term = { matchExpressions: [{ key: 'a', operator: 'Exists' }] }
const oneReach = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
const onePlace =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
const taint = { key: 'broken', effect: 'NoSchedule' }
const counters = { memory: { value: '1' } }
const identifier =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')"

describe('a slice', () => {
  it.each<[object, string[]]>([
    [valid, []],
    [{ ...valid, pool: { ...pool, name: 'a/b' } }, []],
    [{ ...valid, pool: { ...pool, name: '' } }, ['spec.pool.name: Required value']],
    [
      { ...valid, pool: { name: 'p', generation: -1 } },
      [
        'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
        'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
      ],
    ],
    [{ driver: 'd.io', pool }, [`spec: Required value: ${oneReach}`]],
    [
      { ...valid, allNodes: true },
      [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${oneReach}, but multiple fields are set`],
    ],
    [
      { ...valid, allNodes: false, perDeviceNodeSelection: false },
      [
        'spec.allNodes: Invalid value: false: must be either unset or set to true',
        'spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true',
      ],
    ],
    [{ driver: 'd.io', pool, nodeSelector: { nodeSelectorTerms: [term] } }, []],
    [
      { driver: 'd.io', pool, nodeSelector: { nodeSelectorTerms: [term, term] } },
      [
        `spec.nodeSelector.nodeSelectorTerms: Invalid value: ${JSON.stringify([term, term])}: must have exactly one node selector term`,
      ],
    ],
    [
      { ...valid, devices: [], sharedCounters: [{ name: 'a', counters }] },
      ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed'],
    ],
    [{ ...valid, sharedCounters: [{ name: 'a', counters }] }, []],
    [
      { ...valid, sharedCounters: [{ name: 'a' }, { name: 'a', counters }] },
      ['spec.sharedCounters[0].counters: Required value', 'spec.sharedCounters[1]: Duplicate value: "a"'],
    ],
    [named(128), []],
    [named(129), ['spec.devices: Too many: 129: must have at most 128 items']],
    [named(65, { taints: [taint] }), ['spec.devices: Too many: 65: must have at most 64 items']],
    [{ ...valid, devices: [{ name: 'a' }, { name: 'a' }] }, ['spec.devices[1]: Duplicate value: "a"']],
  ])('%j → %j', (spec, texts) => {
    expect(errorsOf(spec)).toEqual(texts)
  })

  it('stays with its driver, pool and node', () => {
    const other = { ...valid, driver: 'e.io', nodeName: 'm', pool: { ...pool, name: 'q' } }
    expect(errorsOf(other, valid)).toEqual([
      'spec.pool.name: Invalid value: "q": field is immutable',
      'spec.driver: Invalid value: "e.io": field is immutable',
      'spec.nodeName: Invalid value: "m": field is immutable',
    ])
  })

  it('loses what v1.36 has no use for yet, unless it had it before', () => {
    const alpha = { attributes: { a: { strings: ['x'] } }, nodeAllocatableResourceMappings: { cpu: {} } }
    const [before, created, kept]: DynamicObject[] = [0, 1, 2].map(() => ({ spec: structuredClone(slice(alpha)) }))
    rules.prepareCreate?.(created!)
    expect(created!.spec).toEqual(slice({ attributes: { a: {} } }))
    rules.prepareUpdate?.(kept!, before!)
    expect(kept!.spec).toEqual(slice(alpha))
  })

  it('warns of a driver with capital letters', () => {
    expect(rules.warn?.({ spec: { ...valid, driver: 'D.io' } }, undefined)).toEqual([
      'spec.driver: driver names should be lowercase; "D.io" contains uppercase characters',
    ])
  })
})

describe('a device', () => {
  it.each<[object, string[]]>([
    [{ attributes: { model: { string: 'a' }, 'e.io/version': { version: '1.0.0-a.1+b' } } }, []],
    [{ attributes: { model: {} } }, ['.attributes[model]: Invalid value: "": exactly one value must be specified']],
    [
      { attributes: { model: { int: 1, bool: false } } },
      [
        '.attributes[model]: Invalid value: {"IntValue":1,"BoolValue":false,"StringValue":null,"VersionValue":null,"BoolValues":null,"IntValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified',
      ],
    ],
    [
      { attributes: { 'a-b': { string: 'x'.repeat(65) } } },
      [
        `.attributes: Invalid value: "a-b": ${identifier}`,
        '.attributes[a-b].string: Too long: may not be more than 64 bytes',
      ],
    ],
    [
      { attributes: { a: { version: '1.0' } } },
      ['.attributes[a].version: Invalid value: "1.0": must be a string compatible with semver.org spec 2.0.0'],
    ],
    [{ attributes: { '/a': { int: 1 } } }, ['.attributes: Invalid value: "": the domain must not be empty']],
    [{ attributes: { 'e.io/': { int: 1 } } }, ['.attributes: Invalid value: "": the name must not be empty']],
    [
      { capacity: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`c${index}`, { value: '1' }])) },
      [': Invalid value: 33: the total number of attributes and capacities must not exceed 32'],
    ],
    [
      { capacity: { memory: { value: '1', requestPolicy: {} } } },
      ['.capacity[memory].requestPolicy: Forbidden: allowMultipleAllocations must be true'],
    ],
    [{ taints: [{ key: 'a' }] }, ['.taints[0].effect: Required value']],
    [{ consumesCounters: [{ counterSet: 'a', counters }] }, []],
    [
      { consumesCounters: [{}, { counterSet: 'b', counters: { 'B b': { value: '1' } } }] },
      [
        '.consumesCounters[0].counterSet: Required value',
        '.consumesCounters[0].counters: Required value',
        expect.stringMatching(
          /^\.consumesCounters\[1\]\.counters: Invalid value: "B b": a lowercase RFC 1123 label/,
        ) as string,
      ],
    ],
    [
      { allNodes: true },
      [
        ': Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      ],
    ],
    [
      { bindingConditions: ['a'] },
      [
        '.bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
      ],
    ],
  ])('%j → %j', (device, texts) => {
    const found = errorsOf(slice(device)).map((text) => text.replace('spec.devices[0]', ''))
    expect(found).toEqual(texts)
  })

  it.each<[object, string[]]>([
    [{ nodeName: 'n' }, []],
    [{}, [`: Required value: ${onePlace}`]],
    [{ nodeName: 'n', allNodes: true }, [`: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${onePlace}`]],
    [{ nodeName: '', allNodes: true }, ['.nodeName: Invalid value: "": must not be empty']],
  ])('that says itself where it is: %j → %j', (device, texts) => {
    const spec = { driver: 'd.io', pool, perDeviceNodeSelection: true, devices: [{ name: 'a', ...device }] }
    expect(errorsOf(spec).map((text) => text.replace('spec.devices[0]', ''))).toEqual(texts)
  })

  it('may keep taints that are none', () => {
    const spec = slice({ taints: [{ key: 'a', effect: 'Some' }] })
    expect(errorsOf(spec, spec)).toEqual([])
  })
})
