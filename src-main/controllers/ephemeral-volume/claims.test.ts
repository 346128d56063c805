import { describe, expect, it } from 'vitest'
import type { Live } from '../../api/meta/object.ts'
import type { PersistentVolumeClaim } from '../../api/types/core-v1.ts'
import { ago, aPod, type PodOptions } from '../test-objects.ts'
import { ephemeralClaims, foreignWords } from './controller.ts'

const template = { metadata: { labels: { a: 'b' } }, spec: { accessModes: ['ReadWriteOnce'] } }
const volumes = [
  { name: 'cache', ephemeral: { volumeClaimTemplate: template } },
  { name: 'tmp', emptyDir: {} },
]
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-web', controller: true, blockOwnerDeletion: true }

describe('the claims of ephemeral volumes', () => {
  it.each<[string, PodOptions, number]>([
    ['are made', {}, 1],
    ['are made although the pod has ended', { status: { phase: 'Succeeded' } }, 1],
    ['are not made for a pod that goes', { metadata: { deletionTimestamp: ago(1) } }, 0],
  ])('%s', (_case, options, count) => {
    const claims = ephemeralClaims(aPod('web', { spec: { volumes }, ...options }))
    const metadata = { name: 'web-cache', namespace: 'default', labels: { a: 'b' }, ownerReferences: [owner] }
    expect(claims).toEqual(Array(count).fill({ volume: 'cache', claim: { metadata, spec: template.spec } }))
  })

  it('must be the pod’s own', () => {
    const claim = (ownerReferences: object[]): Live<PersistentVolumeClaim> => ({
      metadata: {
        ...{ name: 'web-cache', namespace: 'default', uid: 'c', resourceVersion: '1', creationTimestamp: ago(9) },
        ownerReferences: ownerReferences as (typeof owner)[],
      },
    })
    expect(foreignWords(aPod('web'), claim([owner]))).toBeUndefined()
    expect(foreignWords(aPod('web'), claim([]))).toBe(
      'PVC default/web-cache was not created for pod default/web (pod is not owner)',
    )
  })
})
