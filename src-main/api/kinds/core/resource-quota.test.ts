import { describe, expect, it } from 'vitest'
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
      "spec.scopeSelector.matchExpressions[0].values: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
    [
      'values where none are read',
      selecting('PriorityClass', 'Exists', ['a']),
      "spec.scopeSelector.matchExpressions[0].values: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
    ],
    [
      'an unknown operator',
      selecting('PriorityClass', 'Is', ['a']),
      'spec.scopeSelector.matchExpressions[0].operator: not a valid selector operator',
    ],
  ])('refuse %s', (_case, spec, error) => {
    expect(errorsOf(spec)).toContain(error)
  })

  it('keep their scopes', () => {
    const errors = resourceQuota.validateUpdate?.({ spec: { scopes: ['Terminating'] } }, { spec: {} }) ?? []
    expect(errors.map(({ path }) => path)).toEqual(['spec.scopes'])
  })
})
