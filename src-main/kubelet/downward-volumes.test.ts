import { describe, expect, it } from 'vitest'
import { aPod } from '../../test/support/kubelet-builders.ts'
import { sameFace, showsItself } from './downward-volumes.ts'

describe('volumes that show the pod itself', () => {
  const items = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }]

  it('are downward volumes and downward parts of projected ones', () => {
    expect(showsItself(aPod())).toBe(false)
    expect(showsItself(aPod({ volumes: [{ name: 'a', configMap: { name: 'a' } }] }))).toBe(false)
    expect(showsItself(aPod({ volumes: [{ name: 'a', downwardAPI: { items } }] }))).toBe(true)
    expect(showsItself(aPod({ volumes: [{ name: 'a', projected: { sources: [{ downwardAPI: { items } }] } }] }))).toBe(
      true,
    )
  })

  it.each([
    ['a label', { labels: { a: 'b' } }, false],
    ['an annotation', { annotations: { a: 'b' } }, false],
    ['no labels, said aloud', { labels: {} }, true],
    ['a finalizer', { finalizers: ['a/b'] }, true],
  ])('are written anew for %s: %o is the same: %s', (_name, change, same) => {
    const pod = aPod()
    expect(sameFace(pod, { ...pod, metadata: { ...pod.metadata, ...change } })).toBe(same)
  })
})
