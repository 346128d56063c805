import { expect, it } from 'vitest'
import type { ClusterRole } from '../../types/rbac-v1.ts'
import { aggregatedRules } from './aggregation.ts'

const aRole = (name: string, to: string, ...resources: string[]): ClusterRole => ({
  metadata: { name, labels: { to } },
  rules: resources.map((resource) => ({ verbs: ['get'], apiGroups: [''], resources: [resource] })),
})

it('a role takes in the rules of others selector by selector, by name, each once', () => {
  const selecting = (to: string) => ({ matchLabels: { to } })
  const all: ClusterRole = {
    metadata: { name: 'all', labels: { to: 'b' } },
    aggregationRule: { clusterRoleSelectors: [selecting('b'), selecting('a')] },
    rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  }
  const roles = [
    aRole('two', 'b', 'pods', 'nodes'),
    aRole('first', 'a', 'nodes', 'secrets'),
    aRole('one', 'b', 'events'),
    all,
  ]
  const rules = aggregatedRules(all, roles) ?? []
  expect(rules.map(({ resources }) => resources?.[0])).toEqual(['events', 'pods', 'nodes', 'secrets'])
  expect(aggregatedRules(aRole('plain', 'c'), roles)).toBeUndefined()
})
