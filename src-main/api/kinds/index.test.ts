import { describe, expect, it } from 'vitest'
import { kindByName, kindByResource, kinds } from './index.ts'
import { resourceFacts } from './resource-facts.ts'
import { resourceNames } from './resource-names.ts'

describe('the list of kinds', () => {
  it('has every resource of the schema data once', () => {
    const key = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`
    const listed = kinds.map((kind) => key(kind.group, kind.version, kind.plural))
    expect(listed).toEqual(resourceFacts.map((fact) => key(fact.group, fact.version, fact.resource)))
    expect(new Set(listed).size).toBe(listed.length)
  })

  it('agrees with the schema data on scope, kind and status', () => {
    const own = kinds.map((kind) => [kind.kind, kind.namespaced, kind.subresources.status === true])
    const facts = resourceFacts.map((fact) => [fact.kind, fact.namespaced, 'status' in fact.subresources])
    expect(own).toEqual(facts)
  })

  it('has scale paths where the schema data has the subresource', () => {
    const scaled = resourceFacts.filter((fact) => 'scale' in fact.subresources).map((fact) => fact.resource)
    expect(kinds.filter((kind) => kind.subresources.scale !== undefined).map((kind) => kind.plural)).toEqual(scaled)
  })

  it('names only resources that exist', () => {
    const known = new Set(
      resourceFacts.map(({ group, resource }) => (group === '' ? resource : `${resource}.${group}`)),
    )
    expect(Object.keys(resourceNames).filter((name) => !known.has(name))).toEqual([])
  })

  it('gives no short name twice within a group', () => {
    const all = kinds
      .filter((kind) => !kind.version.includes('beta') && kind.version !== 'v2')
      .flatMap((kind) => kind.short.map((short) => `${kind.group} ${short}`))
    expect(new Set(all).size).toBe(all.length)
  })

  it.each([
    ['po', 'pods'],
    ['svc', 'services'],
    ['deploy', 'deployments'],
    ['rs', 'replicasets'],
    ['ds', 'daemonsets'],
    ['sts', 'statefulsets'],
    ['cj', 'cronjobs'],
    ['ns', 'namespaces'],
    ['no', 'nodes'],
    ['cm', 'configmaps'],
    ['ep', 'endpoints'],
    ['pv', 'persistentvolumes'],
    ['pvc', 'persistentvolumeclaims'],
    ['sa', 'serviceaccounts'],
    ['hpa', 'horizontalpodautoscalers'],
    ['pdb', 'poddisruptionbudgets'],
    ['ing', 'ingresses'],
    ['netpol', 'networkpolicies'],
    ['crd', 'customresourcedefinitions'],
  ])('knows %s as %s', (short, plural) => {
    expect(kinds.find((kind) => kind.short.includes(short))?.plural).toBe(plural)
  })
})

it('a kind is found by its path and by its name', () => {
  expect(kindByResource('apps', 'v1', 'deployments')?.kind).toBe('Deployment')
  expect(kindByName('apps/v1', 'Deployment')?.plural).toBe('deployments')
  expect(kindByName('v1', 'Deployment')).toBeUndefined()
})
