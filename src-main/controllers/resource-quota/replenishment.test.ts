import { expect, it } from 'vitest'
import { aPod } from '../test-objects.ts'
import { usesOtherThan } from './replenishment.ts'

const pods = { group: '', plural: 'pods' }
const claims = { group: '', plural: 'persistentvolumeclaims' }
const services = { group: '', plural: 'services' }
const sized = (cpu: string) => aPod('a', { spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] } })
const service = (type: string) => ({ metadata: { name: 's' }, spec: { type } })
const claim = (status: object) => ({ metadata: { name: 'c' }, status })

it.each([
  ['a pod that ends', pods, aPod('a'), aPod('a', { status: { phase: 'Failed' } }), true],
  ['a pod that becomes ready', pods, aPod('a'), aPod('a', { readyFor: 1 }), false],
  ['a pod that is resized', pods, sized('1'), sized('2'), true],
  ['a claim that is bound', claims, claim({ phase: 'Pending' }), claim({ phase: 'Bound' }), false],
  [
    'a claim that gave back what it had got',
    claims,
    claim({ allocatedResources: { storage: '2Gi' } }),
    claim({}),
    true,
  ],
  ['a claim of another class', claims, claim({ currentVolumeAttributesClassName: 'a' }), claim({}), true],
  ['a service of another type', services, service('NodePort'), service('ClusterIP'), true],
])('%s counts otherwise or not', (_case, kind, previous, object, expected) => {
  expect(usesOtherThan(kind, previous, object)).toBe(expected)
})
