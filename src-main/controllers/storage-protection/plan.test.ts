import { describe, expect, it } from 'vitest'
import type { PersistentVolumeClaim } from '../../api/types/core-v1.ts'
import type { Live } from '../../api/meta/object.ts'
import { aPod } from '../test-objects.ts'
import { attributeClassesOf, claimNamesOf, planFinalizers, usesClaim } from './plan.ts'

const finalizer = 'kubernetes.io/pvc-protection'
const aClaim = (metadata: Partial<PersistentVolumeClaim['metadata']> = {}): Live<PersistentVolumeClaim> => ({
  metadata: {
    ...{ name: 'data', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    ...metadata,
  },
})
const never = () => false

describe('what is in use', () => {
  it('is protected from its first moment', () => {
    expect(planFinalizers(aClaim(), finalizer, never)).toEqual([finalizer])
    expect(planFinalizers(aClaim({ finalizers: [finalizer] }), finalizer, never)).toBeUndefined()
  })

  it('goes only when nobody uses it any more', () => {
    const going = aClaim({ finalizers: ['other', finalizer], deletionTimestamp: '2026-01-01T00:00:00Z' })
    expect(planFinalizers(going, finalizer, () => true)).toBeUndefined()
    expect(planFinalizers(going, finalizer, never)).toEqual(['other'])
    expect(
      planFinalizers({ ...going, metadata: { ...going.metadata, finalizers: [] } }, finalizer, never),
    ).toBeUndefined()
  })

  it('is used by pods that have their node', () => {
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
    expect(usesClaim(aPod('p', { spec: { volumes, nodeName: 'n' } }), aClaim())).toBe(true)
    expect(usesClaim(aPod('p', { spec: { volumes } }), aClaim())).toBe(false)
    const elsewhere = aPod('p', { metadata: { namespace: 'other' }, spec: { volumes, nodeName: 'n' } })
    expect(usesClaim(elsewhere, aClaim())).toBe(false)
  })

  it('is used by the pod that it was made for, and by no namesake', () => {
    const pod = aPod('p', { spec: { volumes: [{ name: 'v', ephemeral: {} }], nodeName: 'n' } })
    expect(claimNamesOf(pod)).toEqual(['p-v'])
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'uid-p', controller: true }
    expect(usesClaim(pod, aClaim({ name: 'p-v', ownerReferences: [owner] }))).toBe(true)
    expect(usesClaim(pod, aClaim({ name: 'p-v' }))).toBe(false)
  })

  it('counts every attribute class on the way', () => {
    const claim: PersistentVolumeClaim = {
      spec: { volumeAttributesClassName: 'new' },
      status: { currentVolumeAttributesClassName: 'old' },
    }
    expect(attributeClassesOf(claim)).toEqual(['new', 'old'])
  })
})
