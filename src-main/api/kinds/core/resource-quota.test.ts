import { describe, expect, it } from 'vitest'
import { creationCauses, updateCauses } from '../../../../test/support/validation.ts'
import type { ResourceQuotaSpec } from '../../types/core-v1.ts'
import { resourceQuota } from './resource-quota.ts'

const errorsOf = (spec: ResourceQuotaSpec): string[] =>
  (resourceQuota.validate?.({ spec }) ?? []).map(({ path, detail }) => `${path}: ${detail}`)
const selecting = (scopeName: string, operator: string, values?: string[]): ResourceQuotaSpec => ({
  scopeSelector: { matchExpressions: [{ scopeName, operator, ...(values === undefined ? {} : { values }) }] },
})

describe('resource quotas', () => {
  it('may limit standard, extended and counted resources', () => {
    const names = ['pods', 'limits.memory', 'requests.example.com/gpu', 'count/widgets.example.com', 'hugepages-2Mi']
    expect(errorsOf({ hard: Object.fromEntries(names.map((name) => [name, '1'])) })).toEqual([])
  })

  it.each<[string, ResourceQuotaSpec, string]>([
    ['an unknown name', { hard: { foo: '1' } }, 'spec.hard[foo]: must be a standard resource for quota'],
    ['a negative amount', { hard: { cpu: '-1' } }, 'spec.hard[cpu]: must be greater than or equal to 0'],
    ['half a pod', { hard: { pods: '500m' } }, 'spec.hard[pods]: must be an integer'],
    ['an unknown scope', { scopes: ['Rich'] }, 'spec.scopes: unsupported scope'],
    [
      'a scope that says nothing of the resource',
      { hard: { cpu: '1' }, scopes: ['BestEffort'] },
      'spec.scopes: unsupported scope applied to resource',
    ],
    ['opposite scopes', { scopes: ['Terminating', 'NotTerminating'] }, 'spec.scopes: conflicting scopes'],
    [
      'a selection without values',
      selecting('PriorityClass', 'In'),
      "spec.scopeSelector.matchExpressions.values: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
    [
      'values where none are read',
      selecting('PriorityClass', 'Exists', ['a']),
      "spec.scopeSelector.matchExpressions.values: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
    ],
    [
      'an unknown operator',
      selecting('PriorityClass', 'Is', ['a']),
      'spec.scopeSelector.matchExpressions.operator: not a valid selector operator',
    ],
  ])('refuse %s', (_case, spec, error) => {
    expect(errorsOf(spec)).toContain(error)
  })

  it('keep their scopes, but not their selector', () => {
    const base = { spec: { scopes: ['Terminating', 'PriorityClass'] } }
    expect(updateCauses(resourceQuota, base, { 'spec.scopes': ['PriorityClass', 'Terminating'] })).toEqual([])
    expect(updateCauses(resourceQuota, base, { spec: {} })).toEqual([
      'spec.scopes: Invalid value: null: field is immutable',
    ])
    const change = { 'spec.scopeSelector': selecting('PriorityClass', 'Exists').scopeSelector }
    expect(updateCauses(resourceQuota, base, change)).toEqual([])
  })

  const causes = (spec: ResourceQuotaSpec): string[] => creationCauses(resourceQuota, { spec })
  const path = 'spec.scopeSelector.matchExpressions'
  const nameWords = 'must be a standard resource type or fully qualified'
  const quotaWords = 'must be a standard resource for quota'
  it.each<[ResourceQuotaSpec, string[]]>([
    [
      { hard: { foo: '1' } },
      [`spec.hard[foo]: Invalid value: "foo": ${nameWords}`, `spec.hard[foo]: Invalid value: "foo": ${quotaWords}`],
    ],
    [{ hard: { storage: '1' } }, [`spec.hard[storage]: Invalid value: "storage": ${quotaWords}`]],
    [{ hard: { 'count/pods': '1500m' } }, ['spec.hard[count/pods]: Invalid value: "1500m": must be an integer']],
    [
      { hard: { 'example.com/gpu': '1500m' } },
      ['spec.hard[example.com/gpu]: Invalid value: "1500m": must be an integer'],
    ],
    [{ hard: { 'requests.example.com/gpu': '1500m' } }, []],
    [
      { hard: { 'ephemeral-storage': '1' }, scopes: ['Terminating'] },
      ['spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'],
    ],
    [selecting('Rich', 'Exists'), [`${path}.scopeName: Invalid value: "Rich": unsupported scope`]],
    [
      { ...selecting('BestEffort', 'Exists'), hard: { cpu: '1' } },
      [
        `${path}: Invalid value: {"MatchExpressions":[{"ScopeName":"BestEffort","Operator":"Exists","Values":null}]}: unsupported scope applied to resource`,
      ],
    ],
    [
      selecting('BestEffort', 'Is'),
      [
        `${path}.operator: Invalid value: "Is": must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
        `${path}.operator: Invalid value: "Is": not a valid selector operator`,
      ],
    ],
    [
      {
        scopeSelector: {
          matchExpressions: ['BestEffort', 'NotBestEffort'].map((scopeName) => ({ scopeName, operator: 'Exists' })),
        },
      },
      [`${path}: Invalid value: null: conflicting scopes`],
    ],
  ])('with %j', (spec, expected) => expect(causes(spec)).toEqual(expected))

  it('tell in their status what can be counted', () => {
    const status = { hard: { pods: '500m' }, used: { foo: '-1' } }
    expect(updateCauses(resourceQuota, { spec: {} }, { status }, 'status')).toEqual([
      'status.hard[pods]: Invalid value: "500m": must be an integer',
      `status.used[foo]: Invalid value: "foo": ${nameWords}`,
      `status.used[foo]: Invalid value: "foo": ${quotaWords}`,
      'status.used[foo]: Invalid value: "-1": must be greater than or equal to 0',
    ])
  })
})
