import { describe, expect, it } from 'vitest'
import { labelSelectorFrom } from '../api/meta/label-selector.ts'
import { planClaims } from './claims.ts'
import { aPod, aReplicaSet, ago, ownedBy } from './test-objects.ts'

const selector = labelSelectorFrom({ matchLabels: { app: 'web' } })
const owner = aReplicaSet('web')
const other = aReplicaSet('other')
const labels = (app: string) => ({ metadata: { labels: { app } } })

describe('claims', () => {
  it.each([
    ['owned and matching', aPod('p', { owner: ownedBy(owner) }), 'owned'],
    ['owned and not matching', aPod('p', { owner: ownedBy(owner), ...labels('db') }), 'release'],
    ['free and matching', aPod('p'), 'adopt'],
    ['free and not matching', aPod('p', labels('db')), 'none'],
    ['free, matching and being deleted', aPod('p', { metadata: { deletionTimestamp: ago(1) } }), 'none'],
    ['matching and owned by another', aPod('p', { owner: ownedBy(other) }), 'none'],
  ])('a pod that is %s', (_what, pod, expected) => {
    const claims = planClaims(owner, selector, [pod])
    const found = Object.entries(claims).find(([, pods]) => pods.length > 0)?.[0] ?? 'none'
    expect(found).toBe(expected)
  })

  it('an owner on its way out takes and releases nothing', () => {
    const leaving = aReplicaSet('web', { metadata: { deletionTimestamp: ago(1) } })
    const pods = [aPod('free'), aPod('strayed', { owner: ownedBy(owner), ...labels('db') })]
    expect(planClaims(leaving, selector, pods)).toEqual({ owned: [], adopt: [], release: [] })
  })
})
