import { describe, expect, it } from 'vitest'
import type { DynamicObject } from '../meta/object.ts'
import { plainRules } from './plain-rules.ts'

const errorsOf = (resource: string, object: object): string[] => {
  const { group, plural } = splitResource(resource)
  const { metadata, ...rest } = object as DynamicObject
  const whole = { metadata: { name: 'x.io', ...metadata }, ...rest }
  const { validate, validateNew } = plainRules(group, 'v1', plural)
  return [...(validate?.(whole) ?? []), ...(validateNew?.(whole) ?? [])].map(({ path }) => path)
}
const updateErrors = (resource: string, before: object, after: object): string[] => {
  const { group, plural } = splitResource(resource)
  const rules = plainRules(group, 'v1', plural)
  return (rules.validateUpdate?.(after as DynamicObject, before as DynamicObject) ?? []).map(({ path }) => path)
}
function splitResource(resource: string): { group: string; plural: string } {
  const [plural = '', ...group] = resource.split('.')
  return { plural, group: group.join('.') }
}

const parentRef = { resource: 'services', name: 'web' }

describe('objects without a file of their own', () => {
  it.each<[string, object, string[]]>([
    ['ipaddresses.networking.k8s.io', { metadata: { name: '10.0.0.1' }, spec: { parentRef } }, []],
    ['ipaddresses.networking.k8s.io', { metadata: { name: '10.0.0.1' }, spec: {} }, ['spec.parentRef']],
    ['servicecidrs.networking.k8s.io', { spec: { cidrs: ['10.0.0.0/24'] } }, []],
    ['servicecidrs.networking.k8s.io', { spec: {} }, ['spec.cidrs']],
    ['servicecidrs.networking.k8s.io', { spec: { cidrs: ['10.0.0.0/24', '10.1.0.0/24'] } }, ['spec.cidrs']],
    ['servicecidrs.networking.k8s.io', { spec: { cidrs: ['10.0.0.0'] } }, ['spec.cidrs[0]']],
    ['runtimeclasses.node.k8s.io', { handler: 'runc' }, []],
    ['runtimeclasses.node.k8s.io', {}, ['handler']],
    ['runtimeclasses.node.k8s.io', { handler: 'Run C' }, ['handler']],
    ['csidrivers.storage.k8s.io', { spec: { fsGroupPolicy: 'File', volumeLifecycleModes: ['Persistent'] } }, []],
    ['csidrivers.storage.k8s.io', { spec: { fsGroupPolicy: 'Some' } }, ['spec.fsGroupPolicy']],
    [
      'csidrivers.storage.k8s.io',
      { spec: { fsGroupPolicy: 'None', tokenRequests: [{ audience: 'a' }, { audience: 'a' }] } },
      ['spec.tokenRequests[1].audience'],
    ],
    ['csinodes.storage.k8s.io', { spec: { drivers: [{ name: 'a.io', nodeID: '' }] } }, ['spec.drivers[0].nodeID']],
    [
      'volumeattachments.storage.k8s.io',
      { spec: { attacher: 'a.io', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
      [],
    ],
    ['volumeattachments.storage.k8s.io', { spec: { attacher: 'a.io', nodeName: 'n', source: {} } }, ['spec.source']],
    ['csistoragecapacities.storage.k8s.io', { storageClassName: 'c', capacity: '-1' }, ['capacity']],
    ['volumeattributesclasses.storage.k8s.io', { driverName: 'a.io' }, ['parameters']],
  ])('%s: %j → %j', (resource, object, paths) => {
    expect(errorsOf(resource, object)).toEqual(paths)
  })

  it.each<[string, object, object, string[]]>([
    ['runtimeclasses.node.k8s.io', { handler: 'a' }, { handler: 'b' }, ['handler']],
    [
      'servicecidrs.networking.k8s.io',
      { spec: { cidrs: ['10.0.0.0/24'] } },
      { spec: { cidrs: ['10.0.0.0/24', 'fd00::/112'] } },
      [],
    ],
    [
      'servicecidrs.networking.k8s.io',
      { spec: { cidrs: ['10.0.0.0/24'] } },
      { spec: { cidrs: ['10.1.0.0/24'] } },
      ['spec.cidrs[0]'],
    ],
    [
      'csidrivers.storage.k8s.io',
      { spec: { attachRequired: true } },
      { spec: { attachRequired: false } },
      ['spec.attachedRequired'],
    ],
    ['volumeattachments.storage.k8s.io', { spec: { nodeName: 'a' } }, { spec: { nodeName: 'b' } }, ['spec']],
    ['volumeattributesclasses.storage.k8s.io', { parameters: { a: '1' } }, { parameters: { a: '2' } }, ['parameters']],
  ])('%s: what %j may not become', (resource, before, after, paths) => {
    expect(updateErrors(resource, before, after)).toEqual(paths)
  })
})
