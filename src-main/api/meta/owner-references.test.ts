import { expect, it } from 'vitest'
import { controllerOf, isControlledBy, isOwnedBy, ownerReference } from './owner-references.ts'

const kind = { apiVersion: 'apps/v1', kind: 'ReplicaSet' }
const owner = { metadata: { name: 'web', uid: 'u1' } }

it('a reference names the owner as controller unless told otherwise', () => {
  expect(ownerReference(owner, kind)).toEqual({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'web',
    uid: 'u1',
    controller: true,
    blockOwnerDeletion: true,
  })
  expect(ownerReference(owner, kind, { controller: false, blockOwnerDeletion: false })).not.toHaveProperty('controller')
})

it('a namesake is no owner', () => {
  const pod = { metadata: { ownerReferences: [ownerReference(owner, kind)] } }
  expect(isOwnedBy(pod, owner)).toBe(true)
  expect(isControlledBy(pod, owner)).toBe(true)
  expect(isOwnedBy(pod, { metadata: { name: 'web', uid: 'u2' } })).toBe(false)
  expect(controllerOf(pod)?.uid).toBe('u1')
})

it('an owner that does not control is no controller', () => {
  const pod = { metadata: { ownerReferences: [ownerReference(owner, kind, { controller: false })] } }
  expect(isOwnedBy(pod, owner)).toBe(true)
  expect(isControlledBy(pod, owner)).toBe(false)
  expect(controllerOf(pod)).toBeUndefined()
})
