import { describe, expect, it } from 'vitest'
import { creationCauses, updateCauses, type Changes } from '../../../../test/support/validation.ts'
import type { Kind } from '../../define-kind.ts'
import type { DynamicObject } from '../../meta/object.ts'
import { validateMeta } from '../../meta/validate-meta.ts'
import { kinds } from '../index.ts'

function kindNamed(name: string): Kind {
  const found = kinds.find(({ group, version, kind }) => `${group}/${version} ${kind}` === name)
  if (found === undefined) throw new Error(`no kind ${name}`)
  return found
}

describe('an IPAddress', () => {
  const kind = kindNamed('networking.k8s.io/v1 IPAddress')
  const base: DynamicObject = {
    metadata: { name: '10.0.0.1' },
    spec: { parentRef: { resource: 'services', namespace: 'here', name: 'web' } },
  }
  const at = 'spec.parentRef'
  it.each<[Changes, string[]]>([
    [{}, []],
    [{ 'spec.parentRef': undefined }, [`${at}: Required value`]],
    [{ 'spec.parentRef': {} }, [`${at}.resource: Required value`, `${at}.name: Required value`]],
    [
      { 'spec.parentRef': { group: 'a_b', resource: 'a/b', namespace: '..', name: 'c%' } },
      [
        `${at}.group: Invalid value: "a_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        `${at}.resource: Invalid value: "a/b": may not contain '/'`,
        `${at}.name: Invalid value: "c%": may not contain '%'`,
        `${at}.namespace: Invalid value: "..": may not be '..'`,
      ],
    ],
  ])('with %j', (changes, causes) => expect(creationCauses(kind, base, changes)).toEqual(causes))

  it('keeps its owner', () => {
    expect(updateCauses(kind, base, { 'spec.parentRef.name': 'b' })).toEqual([
      `${at}: Invalid value: {"resource":"services","namespace":"here","name":"b"}: field is immutable`,
    ])
  })

  it.each<[string, string[]]>([
    ['10.0.0.1', []],
    ['10.0.0.01', ['must not have leading 0s']],
    ['2001:db8:0::1', ['must be in canonical form ("2001:db8::1")']],
  ])('may be called %j: %j', (name, problems) => {
    const errors = validateMeta(kind, { name })
    expect(errors.map(({ path, detail }) => `${path} ${detail}`)).toEqual(problems.map((one) => `metadata.name ${one}`))
  })
})

describe('a ServiceCIDR', () => {
  const kind = kindNamed('networking.k8s.io/v1 ServiceCIDR')
  const withRanges = (...cidrs: string[]): DynamicObject => ({ metadata: { name: 'a' }, spec: { cidrs } })
  const familyWords = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
  it.each<[string[], string[]]>([
    [['10.0.0.0/24', 'fd00::/64'], []],
    [[], ['spec.cidrs: Required value: at least one CIDR required']],
    [
      ['10.0.0.0/24', 'a', 'b'],
      ['spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","a","b"]}: may only hold up to 2 values'],
    ],
    [
      ['10.0.0.1/24', '10.1.0.0/24'],
      [
        'spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length',
        `spec.cidrs: Invalid value: ["10.0.0.1/24","10.1.0.0/24"]: ${familyWords}`,
      ],
    ],
    [['fd00:0::/64'], ['spec.cidrs[0]: Invalid value: "fd00:0::/64": must be in canonical form ("fd00::/64")']],
    [
      ['a', 'b'],
      ['a', 'b'].map(
        (one, index) =>
          `spec.cidrs[${index}]: Invalid value: "${one}": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`,
      ),
    ],
  ])('with %j', (cidrs, causes) => expect(creationCauses(kind, withRanges(...cidrs))).toEqual(causes))

  it.each<[string[], string[], string[]]>([
    [['10.0.0.0/24'], ['10.0.0.0/24', 'fd00::/64'], []],
    [['10.0.0.0/24'], ['10.1.0.0/24'], ['spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable']],
    [['10.0.0.0/24'], [], ['spec.cidrs: Invalid value: []: field is immutable']],
    [['10.0.0.0/24', 'fd00::/64'], ['10.0.0.0/24'], ['spec.cidrs: Invalid value: ["10.0.0.0/24"]: field is immutable']],
    [
      ['10.0.0.0/24'],
      ['10.1.0.0/24', '10.2.0.0/24'],
      [
        'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable',
        `spec.cidrs: Invalid value: ["10.1.0.0/24","10.2.0.0/24"]: ${familyWords}`,
      ],
    ],
  ])('of %j may become %j: %j', (before, cidrs, causes) =>
    expect(updateCauses(kind, withRanges(...before), { 'spec.cidrs': cidrs })).toEqual(causes),
  )
})
