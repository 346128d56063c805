import { describe, expect, it } from 'vitest'
import { kindsOf } from './discovered.ts'
import { findKinds, groupKinds, listPath } from './kind-groups.ts'

const one = (group: string, version: string, name: string, kind: string, shortNames: string[] = []) =>
  kindsOf(group, version, [{ name, kind, namespaced: true, shortNames, verbs: ['list'] }])
const kinds = [
  ...one('example.com', 'v1', 'widgets', 'Widget'),
  ...one('', 'v1', 'pods', 'Pod', ['po']),
  ...one('', 'v1', 'configmaps', 'ConfigMap', ['cm']),
  ...one('apps', 'v1', 'deployments', 'Deployment'),
  ...one('metrics.example.com', 'v1', 'pods', 'PodMetrics'),
]

describe('the kinds of a cluster', () => {
  it('stand in groups, those of the cluster first', () => {
    expect(groupKinds(kinds).map(({ name, isCustom }) => [name, isCustom])).toEqual([
      ['core', false],
      ['apps', false],
      ['example.com', true],
      ['metrics.example.com', true],
    ])
  })

  it('lead to the page that is made for them', () => {
    expect(kinds.map(listPath)).toEqual([
      '/explore/widgets.v1.example.com',
      '/pods',
      '/explore/configmaps.v1',
      '/deployments',
      '/explore/pods.v1.metrics.example.com',
    ])
  })

  it.each([
    ['cm', ['ConfigMap']],
    ['WIDGET example', ['Widget']],
    ['pods', ['Pod', 'PodMetrics']],
  ])('are found by %j', (text, found) => {
    expect(findKinds(kinds, text).map(({ kind }) => kind.kind)).toEqual(found)
  })
})
